package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.PythonFrames.End;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Memory of an interpreter that is not what it should be: reading it ends, and says so. Layout of 3.12. */
class LiveFramesTest {
    private static final long INTERPRETERS = 0x1_0000;
    private static final long INTERPRETER = 0x2_0000;
    private static final long STATE = 0x3_0000;
    private static final long CFRAME = 0x4_0000;
    private static final long FRAME = 0x5_0000;
    private static final long CODE = 0x6_0000;
    private static final long FS_BASE = 0x7f00_0000_1000L;

    private final Map<Long, Long> words = new HashMap<>();
    private final PythonLayout layout = (PythonLayout) FixedLayouts.of(12);
    private final CPythonEntry entry =
            Objects.requireNonNull(KernelLayout.of(layout, INTERPRETERS, Gil.Unknown.UNKNOWN, 0));

    LiveFramesTest() {
        words.put(entry.interpreters(), INTERPRETER);
        words.put(INTERPRETER + entry.offsets().interpreterThreads(), STATE);
        words.put(STATE + entry.offsets().threadInterpreter(), INTERPRETER);
        words.put(STATE + entry.offsets().threadId(), FS_BASE);
        words.put(STATE + entry.offsets().threadCframe(), CFRAME);
        words.put(CFRAME + entry.offsets().cframeFrame(), FRAME);
        words.put(FRAME + entry.offsets().frameCode(), CODE);
    }

    @Test
    void oneFrame() {
        PythonFrames frames = frames();
        assertThat(frames.end()).isEqualTo(End.READ);
        assertThat(frames.words()).hasSize(2);
        assertThat(PythonFrames.code(frames.words()[0])).isEqualTo(CODE);
    }

    @Test
    void framesThatCallThemselvesForEver() {
        words.put(FRAME + entry.offsets().framePrevious(), FRAME);
        PythonFrames frames = frames();
        assertThat(frames.end()).isEqualTo(End.TOO_DEEP);
        assertThat(frames.words()).hasSizeLessThanOrEqualTo(Limits.MAX_PYTHON_WORDS);
    }

    @Test
    void shimsForEver() {
        words.put(FRAME + entry.offsets().framePrevious(), FRAME);
        words.put(FRAME + (entry.offsets().frameOwner() & -8L), 0x0303_0303_0303_0303L);
        assertThat(frames().end()).isEqualTo(End.TOO_DEEP);
    }

    @Test
    void codeThatIsNoAddress() {
        words.put(FRAME + entry.offsets().frameCode(), -1L);
        assertThat(frames().end()).isEqualTo(End.UNREADABLE);
    }

    @Test
    void aListOfThreadsThatEndsNowhere() {
        words.put(STATE + entry.offsets().threadNext(), STATE);
        assertThat(states().complete()).isFalse();
    }

    @Test
    void interpretersForEver() {
        words.put(INTERPRETER + entry.offsets().interpreterNext(), INTERPRETER);
        words.put(INTERPRETER + entry.offsets().interpreterThreads(), 0L);
        assertThat(states().complete()).isFalse();
    }

    @Test
    void threadsThatNobodyKnows() {
        words.put(STATE + entry.offsets().threadId(), FS_BASE + 8);
        assertThat(frames().end()).isEqualTo(End.NO_THREAD);
    }

    /** The state that a lock says it has must be one of the list. */
    @Test
    void aHolderOfTheGilThatIsNoThread() throws Exception {
        Gil gil = new Gil.OfProcess(0x9_0000, CPythonEntry.Lock.UNKNOWN);
        words.put(0x9_0000L, STATE);
        assertThat(gil.holders(states(), memory())).containsExactly(STATE);
        words.put(0x9_0000L, 0L);
        assertThat(gil.holders(states(), memory())).isEmpty();
        words.put(0x9_0000L, STATE + 8);
        assertThatThrownBy(() -> gil.holders(states(), memory())).isInstanceOf(MissedException.class);
    }

    private PythonFrames frames() {
        Python python = new Python(layout, entry, Map.of(), List.of(), Gil.Unknown.UNKNOWN);
        return new LiveThread(python, memory(), new HashMap<>(), (_, _) -> {}, 0x7f00_0000_0000L, 0x7f00_0001_0000L)
                .frames(states(), FS_BASE);
    }

    private StateList states() {
        return StateList.read(entry, memory());
    }

    private PythonMemory memory() {
        CodeMemory memory = (address, to, at, length) -> {
            ByteBuffer bytes = ByteBuffer.wrap(to, at, length).order(ByteOrder.LITTLE_ENDIAN);
            for (long word = address; bytes.hasRemaining(); word++) {
                long inside = word & 7;
                bytes.put((byte) (words.getOrDefault(word - inside, 0L) >>> (8 * inside)));
            }
            return true;
        };
        return new PythonMemory(memory);
    }
}
