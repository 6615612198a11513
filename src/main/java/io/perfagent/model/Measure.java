package io.perfagent.model;

/**
 * What the counts of a profile are of.
 *
 * @param type what is measured, {@code cpu} or {@code inuse_space}
 * @param unit what it is measured in, {@code nanoseconds} or {@code bytes}
 * @param period how much of it one count stands for
 * @param samples whether a count is a sample; where it is none it is no event that could be counted, but the measure itself
 * @param hasStates whether each stack has a state, in which its thread spent the time
 */
public record Measure(String type, String unit, long period, boolean samples, boolean hasStates) {
    /** Where threads wait. */
    public static final Measure OFF_CPU = new Measure("off_cpu", "nanoseconds", 1, false, true);

    /** What threads spend their time with. */
    public static final Measure WALL = new Measure("wall", "nanoseconds", 1, false, true);

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** One of which stacks have no states. */
    public Measure(String type, String unit, long period, boolean samples) {
        this(type, unit, period, samples, false);
    }

    /** Samples of a clock that ticks so often a second on each CPU. */
    public static Measure cpu(int rate) {
        return new Measure("cpu", "nanoseconds", NANOS_PER_SECOND / Math.max(1, rate), true);
    }

    /** Where each sample has a weight of its own. */
    public static Measure weight(String type, String unit) {
        return new Measure(type, unit, 1, false);
    }

    /** What {@link ThreadActivity#waits} counts in it; only where there are states. */
    public String times() {
        return equals(WALL) ? "samples" : "waits";
    }

    /** Samples per second and CPU; 0 where they are not of time. */
    public double rate() {
        return samples && unit.equals("nanoseconds") && period > 0 ? (double) NANOS_PER_SECOND / period : 0;
    }
}
