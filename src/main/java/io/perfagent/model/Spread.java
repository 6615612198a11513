package io.perfagent.model;

/**
 * Durations, counted by how long they were, in nanoseconds. Sixteen buckets stand for each power of two: what is said of one is at most
 * a thirty-second of it off.
 *
 * @param sum of all of them
 * @param longest exactly
 * @param cut how many were under way when counting began or ended: counted as far as seen
 * @param buckets how many there were, in the kernel side's order ({@code struct spread})
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Spread(long sum, long longest, long cut, long[] buckets) {
    private static final int STEP_SHIFT = 4;
    private static final int STEPS = 1 << STEP_SHIFT;

    public long count() {
        long count = 0;
        for (long bucket : buckets) {
            count += bucket;
        }
        return count;
    }

    public double mean() {
        long count = count();
        return count == 0 ? 0 : (double) sum / count;
    }

    /** The shortest that is at least as long as this share of all; 0 where there are none. */
    public long quantile(double share) {
        long rank = (long) Math.ceil(share * count());
        long seen = 0;
        for (int bucket = 0; bucket < buckets.length; bucket++) {
            seen += buckets[bucket];
            if (seen >= rank && seen > 0) {
                return Math.min(longest, middle(bucket));
            }
        }
        return 0;
    }

    public Spread plus(Spread other) {
        long[] both = buckets.clone();
        for (int bucket = 0; bucket < both.length; bucket++) {
            both[bucket] += other.buckets[bucket];
        }
        return new Spread(sum + other.sum, Math.max(longest, other.longest), cut + other.cut, both);
    }

    /** The shortest duration that a bucket counts. */
    static long lowest(int bucket) {
        int octave = Math.max(0, bucket / STEPS - 1);
        int step = bucket < STEPS ? bucket : STEPS + bucket % STEPS;
        return (long) step << octave;
    }

    private static long middle(int bucket) {
        return (lowest(bucket) + lowest(bucket + 1) - 1) / 2;
    }
}
