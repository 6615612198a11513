package io.perfagent.agent;

import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.StandingThread;
import io.perfagent.model.Event;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.StoppedSample;

/** A thread that stands, as a sample whose walk has stopped at its leaf. */
final class StandingSample {
    private StandingSample() {}

    static StoppedSample of(StandingThread standing) {
        ThreadRecord thread = standing.thread();
        Sample sample = new Sample(
                Event.CPU_CLOCK,
                1,
                System.nanoTime(),
                thread.id().pid(),
                thread.id().tid(),
                thread.name(),
                thread.kernel(),
                new long[] {thread.pc()},
                standing.python(),
                thread.compat() ? WalkEnd.COMPAT : WalkEnd.TABLE_PENDING,
                false);
        return new StoppedSample(sample, standing.image(), standing.walk());
    }
}
