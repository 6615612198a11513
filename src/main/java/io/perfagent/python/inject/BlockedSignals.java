package io.perfagent.python.inject;

/**
 * The signals that wait while the routine runs: all but those that a fault of the thread itself raises, and the two by which the C
 * library makes every thread take part in setuid and in cancellation. A thread that has the GIL and calls setuid waits for
 * every other one to answer, and would wait for ever. Numbers of asm-generic/signal.h, which x86-64 and aarch64 share.
 */
public final class BlockedSignals {
    private static final int[] LET_THROUGH = {
        4, // SIGILL
        5, // SIGTRAP
        7, // SIGBUS
        8, // SIGFPE
        11, // SIGSEGV
        31, // SIGSYS
        32, // SIGCANCEL
        33 // SIGSETXID
    };

    /** Bit n−1 is signal n. */
    public static final long MASK = mask();

    private BlockedSignals() {}

    private static long mask() {
        long mask = -1;
        for (int signal : LET_THROUGH) {
            mask &= ~(1L << (signal - 1));
        }
        return mask;
    }
}
