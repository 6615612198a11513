package io.perfagent.model;

/** What a processor's counters count; in the order of the kernel side's {@code enum hardware_counter}. */
public enum HardwareCounter {
    CYCLES,
    INSTRUCTIONS,
    /** Of the last cache before memory. */
    CACHE_MISSES
}
