package io.perfagent.rewalk;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.rewalk.WaitingSamples.Waiting;
import io.perfagent.rewalk.x86_64.Walked;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitingSamplesTest {
    private static final int PID = 42;
    private static final int WORDS = (int) StoppedWalk.LAYOUT.byteSize() / 8 + 16;

    private final Image image = new ProcessTable(ProcessTable.Scope.ALL).add(PID);
    private final WaitingSamples waiting = new WaitingSamples();

    @AfterEach
    void close() {
        waiting.close();
    }

    @Test
    void theCopyIsCopied() {
        long[] words = new long[WORDS];
        words[1] = 0x5555;
        Waiting waits = Objects.requireNonNull(waiting.add(stopped(words)));
        words[1] = 0;
        assertThat(waits.stopped().walk().pc()).isEqualTo(0x5555);
    }

    @Test
    void theirMemoryIsBoundedAndUsedAgain() {
        List<Waiting> all = fill();
        assertThat(all).hasSizeBetween(1_000, 10_000);
        assertThat(waiting.isFilling()).isTrue();
        all.forEach(waiting::release);
        assertThat(waiting.isFilling()).isFalse();
        assertThat(fill()).hasSameSizeAs(all);
    }

    private List<Waiting> fill() {
        List<Waiting> all = new ArrayList<>();
        for (Waiting next = waiting.add(stopped(new long[WORDS]));
                next != null;
                next = waiting.add(stopped(new long[WORDS]))) {
            all.add(next);
        }
        return all;
    }

    @Test
    void theFrameThatTheWalkStoppedAtIsFoundAgain() {
        Sample whole = stopped(new long[WORDS])
                .with(new Walked(new long[] {0x21, 0x30}, new long[2], WalkEnd.END_OF_STACK, 0, false, 0));
        assertThat(whole.user()).containsExactly(0x10, 0x21, 0x30);
        assertThat(whole.end()).isEqualTo(WalkEnd.END_OF_STACK);
        assertThat(whole.tid()).isEqualTo(PID + 1);
    }

    private StoppedSample stopped(long[] copy) {
        Sample sample = new Sample(
                Event.CPU_CLOCK,
                1,
                1,
                PID,
                PID + 1,
                "program",
                new long[0],
                new long[] {0x10, 0x20},
                PythonFrames.NONE,
                WalkEnd.NO_PROCESS,
                false);
        return new StoppedSample(sample, image, new StoppedWalk(MemorySegment.ofArray(copy)));
    }
}
