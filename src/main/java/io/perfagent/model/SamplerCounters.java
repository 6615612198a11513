package io.perfagent.model;

/**
 * What the kernel side has counted over all CPUs.
 *
 * @param samples taken of the targets
 * @param dropped of these, lost because the ring was full
 * @param userFrames frames walked
 * @param walkNanos time spent in walks
 * @param programNanos time spent in the whole program
 * @param cacheHits frames whose rule came out of the per-CPU cache
 * @param guessed frames without call-frame information, left by a guess
 * @param copies samples that took a part of their stack along, for user space to walk on
 * @param copiesLeftOut samples that should have, but the ring was too full
 * @param outside samples not taken, of processes that our PID namespace does not see
 * @param pythonFrames frames of CPython's interpreter that were read
 * @param pythonNanos time spent in reading them
 * @param nested samples not taken, for they hit the taking of another one
 */
public record SamplerCounters(
        long samples,
        long dropped,
        long userFrames,
        long walkNanos,
        long programNanos,
        long cacheHits,
        long guessed,
        long copies,
        long copiesLeftOut,
        long outside,
        long pythonFrames,
        long pythonNanos,
        long nested) {

    public static final SamplerCounters NONE = new SamplerCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** What was counted since an earlier state. */
    public SamplerCounters since(SamplerCounters before) {
        return new SamplerCounters(
                samples - before.samples,
                dropped - before.dropped,
                userFrames - before.userFrames,
                walkNanos - before.walkNanos,
                programNanos - before.programNanos,
                cacheHits - before.cacheHits,
                guessed - before.guessed,
                copies - before.copies,
                copiesLeftOut - before.copiesLeftOut,
                outside - before.outside,
                pythonFrames - before.pythonFrames,
                pythonNanos - before.pythonNanos,
                nested - before.nested);
    }

    /** With what was counted in another stretch. */
    public SamplerCounters plus(SamplerCounters other) {
        return since(NONE.since(other));
    }

    public double nanosPerFrame() {
        return userFrames == 0 ? 0 : (double) walkNanos / userFrames;
    }
}
