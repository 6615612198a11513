package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.Walked;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CollectorTest {
    private static final int SELF = 1;
    private static final int PID = 42;
    private static final MemorySegment NO_COPY = MemorySegment.ofArray(new long[0]);
    private static final MemorySegment COPY =
            MemorySegment.ofArray(new long[(int) StoppedWalk.LAYOUT.byteSize() / 8 + 16]);

    private final Collector collector = new Collector(SELF);

    @AfterEach
    void close() {
        collector.close();
    }

    @Test
    void aSampleWithACopyCountsWhenItsWalkIsDone() {
        collector.accept(sample(PID, WalkEnd.NO_PROCESS), COPY);
        assertThat(collector.samples()).isZero();
        assertThat(collector.stoppedPids()).containsExactly(PID);
        StoppedSample stopped = collector.takeStopped(PID).getFirst();
        collector.finish(stopped, stopped.with(new Walked(new long[] {0x10, 0x20}, WalkEnd.END_OF_STACK, 0)));
        assertThat(collector.completeness().samples(WalkEnd.END_OF_STACK)).isEqualTo(1);
        assertThat(collector.stoppedPids()).isEmpty();
        collector.forEach(stack -> assertThat(stack.user()).containsExactly(0x1, 0x10, 0x20));
    }

    @Test
    void aSampleGoesOnWaiting() {
        collector.accept(sample(PID, WalkEnd.TABLE_PENDING), COPY);
        collector.keepWaiting(collector.takeStopped(PID).getFirst());
        assertThat(collector.takeStopped(PID)).hasSize(1);
    }

    @Test
    void aSampleWithoutACopyCountsAtOnce() {
        collector.accept(sample(PID, WalkEnd.NO_PROCESS), NO_COPY);
        assertThat(collector.completeness().samples(WalkEnd.NO_PROCESS)).isEqualTo(1);
        assertThat(collector.takeUnknownCode()).containsExactly(PID);
        assertThat(collector.withoutMemory()).isZero();
    }

    @Test
    void waitingSamplesHaveBoundedMemory() {
        int samples = 10_000;
        for (int i = 0; i < samples; i++) {
            collector.accept(sample(PID, WalkEnd.NO_PROCESS), COPY);
        }
        List<StoppedSample> waiting = collector.takeStopped(PID);
        assertThat(waiting).hasSizeBetween(1_000, samples - 1_000);
        assertThat(collector.withoutMemory()).isEqualTo(samples - waiting.size());
        assertThat(collector.samples()).isEqualTo(samples - waiting.size());
        waiting.forEach(stopped -> collector.finish(stopped, stopped.sample()));
        collector.accept(sample(PID, WalkEnd.NO_PROCESS), COPY);
        assertThat(collector.stoppedPids()).containsExactly(PID);
        assertThat(collector.samples()).isEqualTo(samples);
    }

    @Test
    void theAgentItselfIsNotCounted() {
        collector.accept(sample(SELF, WalkEnd.NO_PROCESS), COPY);
        assertThat(collector.stoppedPids()).isEmpty();
        assertThat(collector.takeUnknownCode()).isEmpty();
    }

    private static Sample sample(int pid, WalkEnd end) {
        return new Sample(1, pid, pid, "program", new long[0], new long[] {0x1, 0x2}, end, 0);
    }
}
