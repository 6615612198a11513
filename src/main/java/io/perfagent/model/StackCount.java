package io.perfagent.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often one thread was seen with one stack.
 *
 * @param pid process
 * @param tid thread
 * @param threadName its comm when first seen with this stack
 * @param cgroup of the process
 * @param locations leaf first, kernel frames before user frames
 * @param end why the walk of the user stack ended
 * @param guessed as in {@link Sample}
 * @param count samples, or nanoseconds
 * @param times of these, CLOCK_MONOTONIC; empty where no output needs them
 * @param state what the thread did
 * @param waits how often it was off the CPU with this stack, an estimate; 0 where it was running; of the wall clock, samples
 * @param holdsGil whether the thread is known to have had CPython's lock
 * @param gilHolder who had it, of a thread that is known to have waited for it; else null
 * @param waker what ended the wait; null where that was not asked for
 * @param descriptor on what it waited, where that is one descriptor
 */
@SuppressWarnings("ArrayRecordComponent") // one per distinct stack, compared by none
public record StackCount(
        int pid,
        int tid,
        String threadName,
        Cgroup cgroup,
        List<Location> locations,
        WalkEnd end,
        boolean guessed,
        long count,
        long[] times,
        ThreadState state,
        long waits,
        boolean holdsGil,
        @Nullable GilHolder gilHolder,
        @Nullable Waker waker,
        Descriptor descriptor) {
    private static final long[] NO_TIMES = {};

    /** One that waited on no descriptor. */
    public StackCount(
            int pid,
            int tid,
            String threadName,
            Cgroup cgroup,
            List<Location> locations,
            WalkEnd end,
            boolean guessed,
            long count,
            long[] times,
            ThreadState state,
            long waits,
            boolean holdsGil,
            @Nullable GilHolder gilHolder,
            @Nullable Waker waker) {
        this(
                pid,
                tid,
                threadName,
                cgroup,
                locations,
                end,
                guessed,
                count,
                times,
                state,
                waits,
                holdsGil,
                gilHolder,
                waker,
                Descriptor.NONE);
    }

    /** One of which nothing is known of CPython's lock. */
    public StackCount(
            int pid,
            int tid,
            String threadName,
            Cgroup cgroup,
            List<Location> locations,
            WalkEnd end,
            boolean guessed,
            long count,
            long[] times,
            ThreadState state,
            long waits) {
        this(pid, tid, threadName, cgroup, locations, end, guessed, count, times, state, waits, false, null, null);
    }

    /** One of a thread that ran. */
    public StackCount(
            int pid,
            int tid,
            String threadName,
            Cgroup cgroup,
            List<Location> locations,
            WalkEnd end,
            boolean guessed,
            long count,
            long[] times) {
        this(pid, tid, threadName, cgroup, locations, end, guessed, count, times, ThreadState.RUNNING, 0);
    }

    /** One of which it is not known when it was seen. */
    public StackCount(
            int pid,
            int tid,
            String threadName,
            Cgroup cgroup,
            List<Location> locations,
            WalkEnd end,
            boolean guessed,
            long count) {
        this(pid, tid, threadName, cgroup, locations, end, guessed, count, NO_TIMES);
    }

    /** What its samples are of. */
    public Event event() {
        return state == ThreadState.RUNNING ? Event.CPU_CLOCK : Event.OFF_CPU;
    }

    /** Whether it is known whose stack it is: profiles of others may say nothing of threads. */
    public boolean hasThread() {
        return pid != 0 || !threadName.isEmpty();
    }

    /** The same with other frames. */
    public StackCount withLocations(List<Location> others) {
        return new StackCount(
                pid,
                tid,
                threadName,
                cgroup,
                others,
                end,
                guessed,
                count,
                times,
                state,
                waits,
                holdsGil,
                gilHolder,
                waker,
                descriptor);
    }
}
