package io.perfagent.agent;

import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.StackAggregator;
import io.perfagent.sample.SampleSink;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Takes the samples: aggregates them, and notes which processes have code that the walker does not know yet. Those whose walk stopped
 * there wait with their copy of the stack, if they have one, for {@link UserWalks}.
 */
final class Collector implements SampleSink, AutoCloseable {
    private final StackAggregator stacks = new StackAggregator();
    private final Completeness completeness = new Completeness();
    private final Set<Integer> unknownCode = new HashSet<>();
    private final StoppedSamples stopped = new StoppedSamples();
    private final int self;
    private long withoutMemory;
    private long firstSampleNanos;

    Collector(int self) {
        this.self = self;
    }

    @Override
    public synchronized void accept(Sample sample, MemorySegment copy) {
        if (sample.pid() == self) {
            return;
        }
        if (firstSampleNanos == 0) {
            firstSampleNanos = sample.timeNanos();
        }
        boolean waits = copy.byteSize() > 0 && stopped.add(sample, copy);
        if (!waits) {
            withoutMemory += copy.byteSize() > 0 ? 1 : 0;
            count(sample);
        }
        if (sample.end() == WalkEnd.NO_MAPPING || sample.end() == WalkEnd.NO_PROCESS) {
            unknownCode.add(sample.pid());
        }
    }

    private void count(Sample sample) {
        stacks.add(sample);
        completeness.add(sample.end());
    }

    /** Processes with samples whose walk stopped, and that wait for their code to become known. */
    synchronized List<Integer> stoppedPids() {
        return stopped.pids();
    }

    /** Takes those of a process; each is given back by {@link #finish} or {@link #keepWaiting}. */
    synchronized List<StoppedSample> takeStopped(int pid) {
        return stopped.take(pid);
    }

    /** Counts a sample that waits no more, as it is now. */
    synchronized void finish(StoppedSample waiting, Sample sample) {
        stopped.release(waiting);
        count(sample);
    }

    synchronized void keepWaiting(StoppedSample sample) {
        stopped.putBack(sample);
    }

    /** Samples that were counted as they were, because the memory for those that wait was full. */
    synchronized long withoutMemory() {
        return withoutMemory;
    }

    /** Gives up the memory of samples that wait; what comes later does not wait. */
    @Override
    public synchronized void close() {
        stopped.close();
    }

    /** The processes noted since the last call. */
    synchronized Set<Integer> takeUnknownCode() {
        Set<Integer> taken = Set.copyOf(unknownCode);
        unknownCode.clear();
        return taken;
    }

    synchronized long samples() {
        return completeness.samples();
    }

    synchronized double completeShare() {
        return completeness.share();
    }

    /** CLOCK_MONOTONIC of the first sample, 0 before it. */
    synchronized long firstSampleNanos() {
        return firstSampleNanos;
    }

    /** The counters; only after the sampler has stopped. */
    synchronized Completeness completeness() {
        return completeness;
    }

    /** Samples left out because the aggregation was full. */
    synchronized long overflowed() {
        return stacks.overflowed();
    }

    synchronized void forEach(Consumer<CountedStack> visitor) {
        stacks.forEach(visitor);
    }
}
