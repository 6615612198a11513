package io.perfagent.profile;

import io.perfagent.model.Sample;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * The samples that were counted between two cuts, and those that could not be. It belongs to the thread that counts until it is cut off,
 * and to the one that asked for the cut from then on.
 */
public final class Interval {
    private final StackAggregator stacks;
    private final Completeness completeness = new Completeness();
    private final PythonReading python = new PythonReading();
    private long strangers;
    private long withoutMemory;

    /** Both as {@link StackAggregator#StackAggregator(int, boolean)} has them. */
    public Interval(int maxWords, boolean keepTimes) {
        stacks = new StackAggregator(maxWords, keepTimes);
    }

    /** Counts a sample of a process. */
    public void add(Sample sample, int process) {
        stacks.add(sample.merged(), process);
        completeness.add(sample.end(), sample.guessed());
        python.add(sample.python());
    }

    /** Leaves one out because its process is none that is meant: its PID was a target's before. */
    public void addStranger() {
        strangers++;
    }

    /** Counts one as it was, because the memory for those that wait was full. */
    public void addWithoutMemory(Sample sample, int process) {
        withoutMemory++;
        add(sample, process);
    }

    public Completeness completeness() {
        return completeness;
    }

    public PythonReading python() {
        return python;
    }

    public long strangers() {
        return strangers;
    }

    public long withoutMemory() {
        return withoutMemory;
    }

    /** Samples left out because the memory for stacks was full. */
    public long overflowed() {
        return stacks.overflowed();
    }

    public void forEach(Consumer<CountedStack> visitor) {
        stacks.forEach(visitor);
    }

    /** The stacks of those processes whose numbers are wanted. */
    public void forEach(IntPredicate wanted, Consumer<CountedStack> visitor) {
        stacks.forEach(wanted, visitor);
    }
}
