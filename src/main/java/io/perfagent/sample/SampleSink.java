package io.perfagent.sample;

import io.perfagent.model.Sample;
import java.lang.foreign.MemorySegment;

/** Takes samples. */
@FunctionalInterface
public interface SampleSink {
    /**
     * Takes a sample.
     *
     * @param copy a {@link io.perfagent.bpf.abi.StoppedWalk}, from which the walk can go on; empty where the sample has none. Valid
     *     during the call only
     */
    void accept(Sample sample, MemorySegment copy);
}
