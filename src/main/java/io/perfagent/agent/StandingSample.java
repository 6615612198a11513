package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.StandingThread;
import io.perfagent.model.Event;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Wait;
import io.perfagent.model.Waking;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.rewalk.StoppedSample;

/** A thread that stands, as a sample whose walk has stopped at its leaf. */
final class StandingSample {
    private StandingSample() {}

    /** Of a dump. */
    static StoppedSample of(StandingThread standing) {
        return of(standing, Event.CPU_CLOCK, 1, Wait.NONE, Waking.NONE);
    }

    /** Of a wait of which no more is known than where in the kernel it was. */
    static StoppedSample ofKernels(
            ThreadRecord thread, Image image, Event event, long weight, Wait away, Waking waking) {
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
        return new StoppedSample(
                sample.with(waking), image, StoppedWalk.of(thread, thread.stackPointer(), new byte[0], false));
    }

    /** Of a wait that goes on. */
    static StoppedSample of(StandingThread standing, Event event, long weight, Wait away, Waking waking) {
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
        return new StoppedSample(withGil(sample.with(waking), standing.gil()), standing.image(), standing.walk());
    }

    /** Who could run waits for a CPU, and not for the lock any more. */
    private static Sample withGil(Sample sample, GilUse gil) {
        Wait away = sample.away();
        if (away.state() == ThreadState.RUNNING) {
            return sample;
        }
        if (gil.role() != GilUse.Role.AWAITED) {
            return sample.with(away, sample.weight(), gil);
        }
        return away.state() == ThreadState.RUNQUEUE
                ? sample
                : sample.with(
                        new Wait(ThreadState.GIL, away.nanos(), away.sure(), away.descriptor()), sample.weight(), gil);
    }
}
