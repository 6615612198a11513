package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/**
 * What a thread did while it was seen with a stack.
 *
 * @param state running, or why it waited
 * @param waits how often it was off the CPU with this stack, an estimate; 0 where it was running; of the wall clock, samples
 * @param holdsGil whether the thread is known to have had CPython's lock
 * @param gilHolder who had it, of a thread that is known to have waited for it; else null
 * @param waker what ended the wait; null where that was not asked for
 * @param descriptor on what it waited, where that is one descriptor
 */
public record ThreadActivity(
        ThreadState state,
        long waits,
        boolean holdsGil,
        @Nullable GilHolder gilHolder,
        @Nullable Waker waker,
        Descriptor descriptor) {
    public static final ThreadActivity RUNNING = waiting(ThreadState.RUNNING, 0);

    /** One of which no more is known. */
    public static ThreadActivity waiting(ThreadState state, long waits) {
        return new ThreadActivity(state, waits, false, null, null, Descriptor.NONE);
    }
}
