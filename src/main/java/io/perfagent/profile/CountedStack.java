package io.perfagent.profile;

import io.perfagent.model.Descriptor;
import io.perfagent.model.GilUse;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WalkEnd;
import org.jspecify.annotations.Nullable;

/**
 * How often one thread was seen with one stack, addresses not yet named.
 *
 * @param process number that tells it from others which had the PID
 * @param pid process
 * @param tid thread
 * @param threadName its comm when first seen with this stack
 * @param kernel kernel addresses, leaf first
 * @param user user addresses, leaf first
 * @param end why the walk of the user stack ended
 * @param guessed as in {@link io.perfagent.model.Sample}
 * @param count samples, or nanoseconds off the CPU
 * @param state what the thread did
 * @param descriptor on what it waited, where that is one descriptor
 * @param waits how often it was off the CPU with this stack, an estimate; of the wall clock, samples
 * @param gil what it had to do with CPython's lock
 * @param waker what ended the wait; null where that was not asked for
 * @param sure as in {@link io.perfagent.model.Sample}
 * @param times of these, CLOCK_MONOTONIC; empty where they are not kept
 */
@SuppressWarnings("ArrayRecordComponent") // made once per distinct stack, never compared
public record CountedStack(
        int process,
        int pid,
        int tid,
        String threadName,
        long[] kernel,
        long[] user,
        WalkEnd end,
        boolean guessed,
        long count,
        ThreadState state,
        Descriptor descriptor,
        long waits,
        GilUse gil,
        @Nullable CountedWaker waker,
        boolean sure,
        long[] times) {
    /** The same with another count. */
    CountedStack withCount(long other) {
        return new CountedStack(
                process,
                pid,
                tid,
                threadName,
                kernel,
                user,
                end,
                guessed,
                other,
                state,
                descriptor,
                waits,
                gil,
                waker,
                sure,
                times);
    }
}
