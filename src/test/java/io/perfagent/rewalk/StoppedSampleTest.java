package io.perfagent.rewalk;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.ProcessTable;
import io.perfagent.rewalk.x86_64.Walked;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Python's frames in a stack of which the kernel side knew two frames, and the walk from there on three. */
class StoppedSampleTest {
    private static final int PID = 42;
    private static final long FRAME = 0xaL << 60;
    private static final long CALL = 0xbL << 60;
    private static final long NO_INDEX = 0xfffL << 48;
    private static final long STACK = 0x7fff_0000_1000L;
    private static final long[] POINTERS = {STACK, STACK + 0x100, STACK + 0x200};

    @Test
    void aCallIsPlacedInTheFrameThatItsLocalLiesIn() {
        Sample whole = walkedOn(FRAME | 0x1, 0, CALL | NO_INDEX | (STACK + 0x180), FRAME | 0x2, 0);
        assertThat(whole.merged().user()).containsExactly(0x10, 0x21, FRAME | 0x1, 0, 0x30, 0x40, FRAME | 0x2, 0);
        assertThat(whole.python().unplaced()).isOne();
    }

    /** The frame that the kernel side stopped at is walked again: it had no end before. */
    @Test
    void aCallInTheFrameThatTheWalkStoppedAt() {
        Sample whole = walkedOn(FRAME | 0x1, 0, CALL | NO_INDEX | STACK);
        assertThat(whole.merged().user()).containsExactly(0x10, FRAME | 0x1, 0, 0x21, 0x30, 0x40);
        assertThat(whole.python().unplaced()).isZero();
    }

    @Test
    void aCallThatTheKernelSidePlacedStaysWhereItIs() {
        Sample whole = walkedOn(FRAME | 0x1, 0, CALL | (STACK + 0x180), FRAME | 0x2, 0, CALL | NO_INDEX | STACK);
        assertThat(whole.merged().user()).containsExactly(FRAME | 0x1, 0, 0x10, FRAME | 0x2, 0, 0x21, 0x30, 0x40);
    }

    @Test
    void aCallWithoutALocalOrInNoFrameIsNotPlaced() {
        assertThat(walkedOn(FRAME | 0x1, 0, CALL | NO_INDEX).python().unplaced())
                .isOne();
        assertThat(walkedOn(FRAME | 0x1, 0, CALL | NO_INDEX | (STACK + 0x200))
                        .python()
                        .unplaced())
                .isOne();
    }

    private static Sample walkedOn(long... words) {
        PythonFrames python = new PythonFrames(words, PythonFrames.End.READ);
        Sample sample = new Sample(
                Event.CPU_CLOCK,
                1,
                1,
                PID,
                PID,
                "python",
                new long[0],
                new long[] {0x10, 0x20},
                python,
                WalkEnd.NO_TABLE,
                false);
        StoppedWalk walk =
                new StoppedWalk(MemorySegment.ofArray(new long[(int) StoppedWalk.LAYOUT.byteSize() / Long.BYTES]));
        return new StoppedSample(sample, new ProcessTable(ProcessTable.Scope.ALL).add(PID), walk)
                .with(new Walked(new long[] {0x21, 0x30, 0x40}, POINTERS, WalkEnd.END_OF_STACK, 0, false, 0));
    }
}
