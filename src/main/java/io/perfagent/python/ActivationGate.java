package io.perfagent.python;

/** What is looked at in a process before its trampoline is switched on, in this order; each keeps a kind of harm away. */
public enum ActivationGate {
    /** The JIT, beside which there is no trampoline. */
    JIT,
    /** Stacks too small for Python calls that are C calls too. */
    STACKS,
    /** Names that end the program, as far as they show from outside. */
    NAMES,
    /** Limits that leave too little memory for trampolines. */
    MEMORY,
    /** A /tmp that takes no map. */
    MAP_PLACE,
    /** Descriptors that the map would take from the program. */
    MAP_DESCRIPTOR,
    /** A trampoline that is on for perf; the only one to keep from switching off, too. */
    PERF_JIT
}
