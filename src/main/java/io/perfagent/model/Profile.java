package io.perfagent.model;

import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A finished profile.
 *
 * @param start wall-clock time of the first moment covered
 * @param startNanos the same moment by CLOCK_MONOTONIC; 0 where the samples have no times
 * @param duration time covered
 * @param measure what the counts of the stacks are of
 * @param stacks the samples, aggregated
 * @param comments free lines: version, tags, counters
 * @param account the same for formats that show it by itself
 */
public record Profile(
        Instant start,
        long startNanos,
        Duration duration,
        Measure measure,
        List<StackCount> stacks,
        List<String> comments,
        RunAccount account) {
    /** Samples of CPU time, {@code sampleRate} of them per second and CPU. */
    public Profile(
            Instant start,
            long startNanos,
            Duration duration,
            int sampleRate,
            List<StackCount> stacks,
            List<String> comments,
            RunAccount account) {
        this(start, startNanos, duration, Measure.cpu(sampleRate), stacks, comments, account);
    }

    /** The same, of which no more is known than its comments. */
    public Profile(Instant start, Duration duration, int sampleRate, List<StackCount> stacks, List<String> comments) {
        this(start, 0, duration, sampleRate, stacks, comments, RunAccount.NONE);
    }

    /** The same, said to come from elsewhere. */
    public Profile withOrigin(String origin) {
        RunAccount told = new RunAccount(
                List.of(origin), account.taken(), account.complete(), account.lost(), account.python(), account.cost());
        return new Profile(start, startNanos, duration, measure, stacks, comments, told);
    }

    /** The same with other stacks in place of these, each made when it is asked for: what is not kept takes no memory. */
    public Profile withStacks(UnaryOperator<StackCount> change) {
        List<StackCount> changed = new AbstractList<>() {
            @Override
            public StackCount get(int index) {
                return change.apply(stacks.get(index));
            }

            @Override
            public int size() {
                return stacks.size();
            }
        };
        return new Profile(start, startNanos, duration, measure, changed, comments, account);
    }
}
