package io.perfagent.model;

/**
 * One sample. Addresses are runtime addresses inside the instruction that runs or calls, leaf first.
 *
 * @param timeNanos CLOCK_MONOTONIC
 * @param pid process, in our PID namespace
 * @param tid thread, likewise
 * @param threadName the thread's comm, as UTF-8; what is none is replaced
 * @param kernel kernel addresses, empty where the sample hit user mode
 * @param user user addresses
 * @param end why the walk of the user stack ended
 * @param guessed whether frames may be missing in between: some were left by a guess that nothing has checked
 */
@SuppressWarnings("ArrayRecordComponent") // the pipeline's unit: one per sample, never compared
public record Sample(
        long timeNanos,
        int pid,
        int tid,
        String threadName,
        long[] kernel,
        long[] user,
        WalkEnd end,
        boolean guessed) {}
