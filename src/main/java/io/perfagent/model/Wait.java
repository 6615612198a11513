package io.perfagent.model;

/**
 * A stretch of time that a thread was off the CPU.
 *
 * @param state what it did meanwhile; RUNNING of samples that are of no such time
 * @param nanos how long it was
 */
public record Wait(ThreadState state, long nanos) {
    /** Of samples of threads that run. */
    public static final Wait NONE = new Wait(ThreadState.RUNNING, 0);
}
