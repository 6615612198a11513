package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.StackAggregator;
import io.perfagent.sample.SampleSink;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Takes the samples: aggregates them, and notes which processes have code that the walker does not know yet. Those whose walk stopped
 * there are walked on with, or wait until they can be.
 */
final class Collector implements SampleSink, AutoCloseable {
    private final StackAggregator stacks = new StackAggregator();
    private final Completeness completeness = new Completeness();
    private final Set<Integer> unknownCode = new HashSet<>();
    private final int self;
    private final ProcessTable processes;
    private final CodeMaps code;
    private final UserWalks walks;
    private final WaitingSamples waiting = new WaitingSamples();
    private long firstSampleNanos;
    private long unknownProcess;
    private long withoutMemory;

    Collector(int self, ProcessTable processes, CodeMaps code, UserWalks walks) {
        this.self = self;
        this.processes = processes;
        this.code = code;
        this.walks = walks;
    }

    @Override
    public synchronized void accept(Sample sample, MemorySegment copy) {
        if (sample.pid() == self) {
            return;
        }
        if (firstSampleNanos == 0) {
            firstSampleNanos = sample.timeNanos();
        }
        Image image = processes.sampledAt(sample.pid(), sample.timeNanos());
        if (image == null) {
            unknownProcess++;
            return;
        }
        if (copy.byteSize() == 0) {
            count(sample, image);
        } else {
            take(new StoppedSample(sample, image, new StoppedWalk(copy)));
        }
        if (sample.end() == WalkEnd.NO_MAPPING || sample.end() == WalkEnd.NO_PROCESS) {
            unknownCode.add(sample.pid());
        }
        if (sample.end() == WalkEnd.TABLE_PENDING) {
            code.wanted(image, sample.user()[sample.user().length - 1]);
        }
    }

    private void count(Sample sample, Image image) {
        stacks.add(sample, image.number());
        completeness.add(sample.end(), sample.guessed());
    }

    private void take(StoppedSample stopped) {
        Sample walked = walks.goOn(stopped);
        if (walked != null) {
            count(walked, stopped.image());
        } else if (!waiting.add(stopped)) {
            withoutMemory++;
            count(stopped.sample(), stopped.image());
        }
    }

    /** Goes on with samples that wait, where more is known by now. */
    synchronized void goOn() {
        for (WaitingSamples.Waiting sample : waiting.takeAll()) {
            Sample walked = walks.goOn(sample.stopped());
            if (walked == null) {
                waiting.putBack(sample);
            } else {
                countWaited(sample, walked);
            }
        }
    }

    /** Counts all samples that wait, with what is known now. */
    synchronized void finish() {
        for (WaitingSamples.Waiting sample : waiting.takeAll()) {
            countWaited(sample, walks.finish(sample.stopped()));
        }
    }

    private void countWaited(WaitingSamples.Waiting sample, Sample walked) {
        waiting.release(sample);
        count(walked, sample.stopped().image());
    }

    /** Samples that were counted as they were, because the memory for those that wait was full. */
    synchronized long withoutMemory() {
        return withoutMemory;
    }

    /** Gives up the memory of samples that wait; what comes later does not wait. */
    @Override
    public synchronized void close() {
        waiting.close();
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

    /** Samples left out because their process is none that is meant: its PID was a target's before. */
    synchronized long unknownProcess() {
        return unknownProcess;
    }

    /** Samples left out because the aggregation was full. */
    synchronized long overflowed() {
        return stacks.overflowed();
    }

    /** The stacks of those processes whose numbers are wanted, as far as they have come. */
    synchronized void forEach(IntPredicate wanted, Consumer<CountedStack> visitor) {
        stacks.forEach(wanted, visitor);
    }

    synchronized void forEach(Consumer<CountedStack> visitor) {
        stacks.forEach(visitor);
    }
}
