package io.perfagent.unwind;

import java.util.Set;

/**
 * What a frame of a Go function is to a walk. Most say how far they have moved the stack pointer; those that exchange it are in assembly,
 * known by flags since Go 1.17 (internal/abi/symtab.go, {@code FuncFlag}) and by their names before.
 */
enum GoFunctionKind {
    /** The tables say it. */
    ORDINARY,
    /**
     * The end of a stack: nobody has called where goroutines and threads begin, and {@code mcall} and {@code gogo} never return. Where Go
     * prints stacks (runtime/traceback.go) it ends that of the thread in these.
     */
    OUTERMOST,
    /** Runs on the thread's own stack for a goroutine, with nothing there that leads back to it: {@code morestack}. */
    UNKNOWN_CALLER,
    /** Goes on on another stack: the caller's frame pointer leads back. */
    SWITCHES_STACK;

    private static final int TOP_FRAME = 1;
    private static final int WRITES_STACK_POINTER = 2;

    private static final Set<String> OUTERMOST_NAMES =
            Set.of("runtime.goexit", "runtime.mstart", "runtime.rt0_go", "runtime.mcall", "runtime.gogo", "gogo");
    private static final Set<String> SWITCHING_NAMES =
            Set.of("runtime.systemstack", "runtime.asmcgocall", "runtime.cgocallback", "runtime.cgocallback_gofunc");
    /** A signal handler, whose caller is the kernel's frame; and the parent's side of clone(2). */
    private static final Set<String> ORDINARY_NAMES = Set.of("runtime.sigtramp", "runtime.clone");

    static GoFunctionKind of(String name, int flags) {
        if (ORDINARY_NAMES.contains(name)) {
            return ORDINARY;
        }
        if (name.equals("runtime.morestack")) {
            return UNKNOWN_CALLER;
        }
        if ((flags & TOP_FRAME) != 0 || OUTERMOST_NAMES.contains(name)) {
            return OUTERMOST;
        }
        return (flags & WRITES_STACK_POINTER) != 0 || SWITCHING_NAMES.contains(name) ? SWITCHES_STACK : ORDINARY;
    }
}
