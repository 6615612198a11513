package io.perfagent.bpf;

import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import org.jspecify.annotations.Nullable;

/**
 * How the sampler is sized and what it does.
 *
 * @param cpus possible CPUs
 * @param processes that may be known at one time
 * @param ringBytes of the ring buffer, a power of two
 * @param unwind how stacks are walked
 * @param scope which processes are sampled
 * @param copies which samples take a part of their stack along
 * @param pidNamespace inode of the one whose numbers processes have, 0 for the initial one
 * @param listsThreads whether threads of targets can be listed, too
 * @param agent our own PID, whose waits are left out
 * @param waits how time off the CPU is recorded; null where it is not
 * @param event what is sampled instead of the clock; null where it is the clock
 */
public record SamplerConfig(
        int cpus,
        int processes,
        int ringBytes,
        UnwindMode unwind,
        Scope scope,
        StackCopies copies,
        int pidNamespace,
        boolean listsThreads,
        int agent,
        @Nullable WaitConfig waits,
        @Nullable EventConfig event) {
    /** Which processes are sampled. */
    public enum Scope {
        /** Those that were announced. */
        ANNOUNCED,
        /** Those, and what they fork. */
        WITH_CHILDREN,
        /** All. */
        ALL
    }

    /**
     * How time off the CPU is recorded.
     *
     * @param places for threads, a power of two; a thread finds none where those of others whose numbers are alike have taken all of theirs
     * @param thresholdNanos a shorter wait is recorded by chance, and stands for so long
     * @param shortestMicros what is shorter is left out
     * @param wakers whether who ended waits is recorded, too
     * @param wall whether threads that run are sampled for the same profile
     * @param atSwitchEnd whether stacks are taken behind switches, where the kernel tells of these, and not by timers
     */
    public record WaitConfig(
            int places, int thresholdNanos, int shortestMicros, boolean wakers, boolean wall, boolean atSwitchEnd) {
        /** Whether stacks are taken by timers, if only those of wakers. */
        boolean timers() {
            return wakers || !atSwitchEnd;
        }
    }

    /**
     * What is sampled instead of the clock.
     *
     * @param program that takes the samples
     * @param period so many events are one sample, where the program counts them by itself
     */
    public record EventConfig(String program, int period) {}

    /** Of one that samples the clock. */
    public SamplerConfig(
            int cpus,
            int processes,
            int ringBytes,
            UnwindMode unwind,
            Scope scope,
            StackCopies copies,
            int pidNamespace,
            boolean listsThreads,
            int agent,
            @Nullable WaitConfig waits) {
        this(cpus, processes, ringBytes, unwind, scope, copies, pidNamespace, listsThreads, agent, waits, null);
    }

    /** Of a sampler that records no time off the CPU. */
    public SamplerConfig(
            int cpus,
            int processes,
            int ringBytes,
            UnwindMode unwind,
            Scope scope,
            StackCopies copies,
            int pidNamespace,
            boolean listsThreads) {
        this(cpus, processes, ringBytes, unwind, scope, copies, pidNamespace, listsThreads, 0, null, null);
    }

    /** Of the ring of code objects: 1,200 of them between two looks. */
    public static final int CODE_OBJECT_BYTES = 1 << 21;

    /** Of the ring of threads that have ended: 12,000 of them between two looks; the least that there may be where nobody wants them. */
    public static int endedThreadsBytes(boolean wall) {
        return wall ? 1 << 20 : 1 << 12;
    }

    /** Of the ring of addresses in code that processes have made: 1,600 of them between two looks. */
    public static final int UNKNOWN_CODE_BYTES = 1 << 16;
}
