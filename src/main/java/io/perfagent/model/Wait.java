package io.perfagent.model;

/**
 * A stretch of time that a thread was off the CPU.
 *
 * @param state what it did meanwhile; RUNNING of samples that are of no such time
 * @param nanos how long it was, or {@link #END}
 * @param sure whether it was recorded as it was; else by chance, and it stands for others
 * @param descriptor on what, where that is one descriptor
 */
public record Wait(ThreadState state, long nanos, boolean sure, Descriptor descriptor) {
    /** Of the end of a wait, in which its thread could have run already: the wait is counted where it was blocked. */
    public static final long END = 0;

    /** Of samples of threads that run. */
    public static final Wait NONE = new Wait(ThreadState.RUNNING, END, false);

    /** One that is for no descriptor. */
    public Wait(ThreadState state, long nanos, boolean sure) {
        this(state, nanos, sure, Descriptor.NONE);
    }
}
