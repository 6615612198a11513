package io.perfagent.profile;

import io.perfagent.model.Event;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadSpan;
import io.perfagent.model.WallTotals;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The samples that were counted between two cuts, and those that could not be. It belongs to the thread that counts until it is cut off,
 * and to the one that asked for the cut from then on.
 */
public final class Interval {
    private final StackAggregator stacks;
    private final Map<Event, Completeness> completeness = new EnumMap<>(Event.class);
    private final Map<Event, PythonReading> python = new EnumMap<>(Event.class);
    private final Map<Event, Long> own = new EnumMap<>(Event.class);
    private @Nullable WallShares shares;
    private WallTotals wall = WallTotals.NONE;
    private long strangers;
    private final Map<Event, Long> withoutMemory = new EnumMap<>(Event.class);

    /** Both as {@link StackAggregator#StackAggregator(int, boolean)} has them. */
    public Interval(int maxWords, boolean keepTimes) {
        stacks = new StackAggregator(maxWords, keepTimes);
        for (Event event : Event.values()) {
            completeness.put(event, new Completeness());
            python.put(event, new PythonReading());
        }
    }

    /** Counts a sample of a process. */
    public void add(Sample sample, int process) {
        stacks.add(sample.merged(), process);
        completeness(sample.event()).add(sample.end(), sample.guessed());
        python(sample.event()).add(sample.python());
    }

    /** Leaves one of the agent's own out. */
    public void addOwn(Sample sample) {
        own.merge(sample.event(), 1L, Long::sum);
    }

    /** Leaves one out because its process is none that is meant: its PID was a target's before. */
    public void addStranger() {
        strangers++;
    }

    /** Counts one as it was, because the memory for those that wait was full. */
    public void addWithoutMemory(Sample sample, int process) {
        withoutMemory.merge(sample.event(), 1L, Long::sum);
        add(sample, process);
    }

    /** Of the samples of an event. */
    public Completeness completeness(Event event) {
        return Objects.requireNonNull(completeness.get(event));
    }

    /** Of all samples. */
    public Completeness completeness() {
        Completeness all = new Completeness();
        for (Completeness one : completeness.values()) {
            all = all.plus(one);
        }
        return all;
    }

    /** Of the samples of an event. */
    public PythonReading python(Event event) {
        return Objects.requireNonNull(python.get(event));
    }

    /** Samples of an event that were the agent's own. */
    public long own(Event event) {
        return own.getOrDefault(event, 0L);
    }

    public long strangers() {
        return strangers;
    }

    /** Samples of an event that were not walked on with, because the memory for those that wait was full. */
    public long withoutMemory(Event event) {
        return withoutMemory.getOrDefault(event, 0L);
    }

    /** Samples of an event that were left out because the memory for stacks was full. */
    public long overflowed(Event event) {
        return stacks.overflowed(event);
    }

    /** Hands over each stack once, in the order of their first samples. */
    public void forEach(Consumer<CountedStack> visitor) {
        if (shares == null) {
            stacks.forEach(visitor);
        } else {
            shares.forEach(stacks, visitor);
        }
    }

    /**
     * Shares the time of threads among their samples, when the last one has been counted: from now on counts are nanoseconds.
     *
     * @param threads what is known of each
     * @param rate samples of threads that run, a second and CPU
     * @param leastRunning threads that ran for less are left out
     * @param unseen threads of which nothing is known, though they should be there
     */
    public void share(List<ThreadSpan> threads, int rate, Duration leastRunning, long unseen) {
        shares = new WallShares(stacks, threads, rate, leastRunning);
        wall = shares.totals(unseen);
    }

    /** How the time of threads divides, where it is shared. */
    public WallTotals wall() {
        return wall;
    }

    /** The stacks of those processes whose numbers are wanted. */
    public void forEach(IntPredicate wanted, Consumer<CountedStack> visitor) {
        stacks.forEach(wanted, visitor);
    }
}
