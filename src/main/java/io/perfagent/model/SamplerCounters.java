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
        long copiesLeftOut) {

    public double nanosPerFrame() {
        return userFrames == 0 ? 0 : (double) walkNanos / userFrames;
    }
}
