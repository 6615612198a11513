package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.StandingThread;
import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.Wait;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.rewalk.StoppedSample;

/** A thread that stands, as a sample whose walk has stopped at its leaf. */
final class StandingSample {
    private StandingSample() {}

    /** Of a dump. */
    static StoppedSample of(StandingThread standing) {
        return of(standing, Event.CPU_CLOCK, 1, Wait.NONE);
    }

    /** Of a wait of which no more is known than where in the kernel it was. */
    static StoppedSample ofKernels(ThreadRecord thread, Image image, Event event, long weight, Wait away) {
        Sample sample = new Sample(
                event,
                weight,
                System.nanoTime(),
                thread.id().pid(),
                thread.id().tid(),
                thread.name(),
                thread.kernel(),
                new long[0],
                PythonFrames.NONE,
                WalkEnd.STACK_UNREADABLE,
                false,
                away);
        return new StoppedSample(sample, image, StoppedWalk.of(thread, thread.stackPointer(), new byte[0], false));
    }

    /** Of a wait that goes on. */
    static StoppedSample of(StandingThread standing, Event event, long weight, Wait away) {
        ThreadRecord thread = standing.thread();
        Sample sample = new Sample(
                event,
                weight,
                System.nanoTime(),
                thread.id().pid(),
                thread.id().tid(),
                thread.name(),
                thread.kernel(),
                new long[] {thread.pc()},
                standing.python(),
                thread.compat() ? WalkEnd.COMPAT : WalkEnd.TABLE_PENDING,
                false,
                away);
        return new StoppedSample(sample, standing.image(), standing.walk());
    }
}
