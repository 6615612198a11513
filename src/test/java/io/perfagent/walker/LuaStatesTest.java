package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.table.InterpreterFrame.Tracing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Traces in a memory that is laid out as LuaJIT's. */
class LuaStatesTest {
    private static final Tracing LAYOUT = new Tracing(7, 16, -0x40, 0x58);
    private static final long STATE = 0x1100;
    private static final long LIST = 0x1400;
    private static final long ROOT = 0x1800;
    private static final long SIDE = 0x1900;
    private static final long CODE = 0x5000;

    private final ByteBuffer bytes = ByteBuffer.allocate(0x1000).order(ByteOrder.LITTLE_ENDIAN);
    private final CodeMemory memory = (address, to, at, length) -> {
        boolean there = address >= 0x1000 && address + length <= 0x2000;
        if (there) {
            bytes.get((int) address - 0x1000, to, at, length);
        }
        return there;
    };
    private final LuaStates states = new LuaStates();

    LuaStatesTest() {
        put(STATE + LAYOUT.list(), LIST);
        bytes.putInt((int) (STATE + LAYOUT.list() + 12 - 0x1000), 4);
        put(LIST + 8, ROOT);
        put(LIST + 24, SIDE);
        trace(ROOT, CODE + 0x100, 0x80, 64, 1, 0);
        trace(SIDE, CODE, 0x100, 80, 3, 1);
    }

    @Test
    void theOneWhoseCodeItIs() {
        assertThat(find(CODE + 0x100, STATE)).isEqualTo(new LuaTrace(CODE + 0x100, 0x80, 64, true, 16));
        assertThat(find(CODE + 0x17f, STATE)).isEqualTo(new LuaTrace(CODE + 0x100, 0x80, 64, true, 16));
        assertThat(find(CODE + 0xff, STATE)).isEqualTo(new LuaTrace(CODE, 0x100, 80, false, 16));
        assertThat(find(CODE + 0x180, STATE)).isNull();
        assertThat(find(CODE - 1, STATE)).isNull();
    }

    /** A call that a trace has made knows the register no more. */
    @Test
    void whereItLedOnceIsRemembered() {
        assertThat(find(CODE, 0)).isNull();
        assertThat(find(CODE, STATE + 8)).isNull();
        assertThat(find(CODE, STATE)).isNotNull();
        assertThat(find(CODE, 0)).isNotNull();
        assertThat(find(CODE, 12345)).isNotNull();
    }

    @Test
    void whatIsNoTraceIsNone() {
        trace(SIDE, CODE, 0x100, 80, 2, 1);
        assertThat(find(CODE, STATE)).as("another number").isNull();
        trace(SIDE, CODE, -1, 80, 3, 1);
        assertThat(find(CODE, STATE)).as("size").isNull();
        put(LIST + 24, 0x9000);
        assertThat(find(CODE, STATE)).as("not readable").isNull();
        bytes.putInt((int) (STATE + LAYOUT.list() + 12 - 0x1000), -1);
        assertThat(find(CODE + 0x100, STATE)).as("length").isNull();
    }

    /** Whatever is read of the memory is a number of traces, and leads on. */
    @Test
    void aMemoryThatIsMadeToTakeLongTakesNone() {
        AtomicInteger reads = new AtomicInteger();
        CodeMemory hostile = (address, to, at, length) -> {
            ByteBuffer words = ByteBuffer.wrap(to, at, length).order(ByteOrder.LITTLE_ENDIAN);
            while (words.remaining() >= Integer.BYTES) {
                words.putInt(20_000);
            }
            reads.incrementAndGet();
            return true;
        };
        assertThat(states.traceAt(hostile, LAYOUT, CODE, STATE)).isNull();
        assertThat(reads).hasValueLessThan(10);
    }

    private @Nullable LuaTrace find(long address, long register) {
        return states.traceAt(memory, LAYOUT, address, register);
    }

    private void put(long address, long word) {
        bytes.putLong((int) address - 0x1000, word);
    }

    private void trace(long at, long code, int size, int spill, int number, int root) {
        int from = (int) at + LAYOUT.machineCode() - 0x1000;
        bytes.putInt(from - 4, size).putLong(from, code);
        bytes.putShort(from + 14, (short) spill)
                .putShort(from + 16, (short) number)
                .putShort(from + 20, (short) root);
    }
}
