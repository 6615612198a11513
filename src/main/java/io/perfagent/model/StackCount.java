package io.perfagent.model;

import java.util.List;

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
 * @param activity what the thread did
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
        ThreadActivity activity) {
    private static final long[] NO_TIMES = {};

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
        this(pid, tid, threadName, cgroup, locations, end, guessed, count, times, ThreadActivity.RUNNING);
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

    public ThreadState state() {
        return activity.state();
    }

    /** What its samples are of. */
    public Event event() {
        return state() == ThreadState.RUNNING ? Event.CPU_CLOCK : Event.OFF_CPU;
    }

    /** Whether it is known whose stack it is: profiles of others may say nothing of threads. */
    public boolean hasThread() {
        return pid != 0 || !threadName.isEmpty();
    }

    /** The same with other frames. */
    public StackCount withLocations(List<Location> others) {
        return new StackCount(pid, tid, threadName, cgroup, others, end, guessed, count, times, activity);
    }
}
