package io.perfagent.agent;

import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.StackAggregator;
import io.perfagent.target.Image;
import io.perfagent.target.ProcessTable;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Takes the samples: aggregates them, and notes which processes have code that the walker does not know yet. */
final class Collector implements Consumer<Sample> {
    private final StackAggregator stacks = new StackAggregator();
    private final Completeness completeness = new Completeness();
    private final Set<Integer> unknownCode = new HashSet<>();
    private final int self;
    private final ProcessTable processes;
    private final CodeMaps code;
    private long firstSampleNanos;
    private long unknownProcess;

    Collector(int self, ProcessTable processes, CodeMaps code) {
        this.self = self;
        this.processes = processes;
        this.code = code;
    }

    @Override
    public synchronized void accept(Sample sample) {
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
        stacks.add(sample, image.number());
        completeness.add(sample.end());
        if (sample.end() == WalkEnd.NO_MAPPING || sample.end() == WalkEnd.NO_PROCESS) {
            unknownCode.add(sample.pid());
        }
        if (sample.end() == WalkEnd.TABLE_PENDING) {
            code.wanted(image, sample.user()[sample.user().length - 1]);
        }
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

    synchronized void forEach(Consumer<CountedStack> visitor) {
        stacks.forEach(visitor);
    }
}
