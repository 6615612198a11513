package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What agent and routine have in common, in the padding behind a writable segment of the target, little-endian:
 *
 * <pre>
 *    0 magic u64          │  8 owner u64: start time of the process   │ 16 evaluator u64, 0 until known
 *   24 state u32          │ 28 result u32    │ 32 command u32         │ 36 route u32
 *   40 before u64         │ 48 after u64: the evaluation function before and after the command
 *   56 return pc u64      │ 64 return value u64                       │ 72 interrupted-at pc u64
 *   80 signal mask u64    │ 88 restart u32   │ 92 vector bytes u32    │ 96 thread u32
 *  100 processor state u32: what the routine cannot read itself
 *  104 map descriptor u32: one more than the number to close, 0 for none │ 108 map closed u32
 *  112 map device u64   │ 120 map inode u64: where the descriptor must lead
 *  128 path of the map, 32 bytes, ends with 0
 * </pre>
 *
 * The first line stays in the target for good: it is how a later run knows that the trampoline was initialised, and with which
 * function; "map closed" stays too, see {@link MapGuard}. A child made by fork has a copy, which its owner field gives away.
 */
public final class ControlBlock {
    public static final int SIZE = 160;
    public static final int EVALUATOR = 16;
    public static final int STATE = 24;
    public static final int RESULT = 28;
    public static final int COMMAND = 32;
    public static final int ROUTE = 36;
    public static final int BEFORE = 40;
    public static final int AFTER = 48;
    public static final int RETURN_PC = 56;
    public static final int RETURN_VALUE = 64;
    public static final int INTERRUPTED_AT = 72;
    public static final int SIGNAL_MASK = 80;
    public static final int RESTART = 88;
    public static final int VECTOR_BYTES = 92;
    public static final int THREAD = 96;
    public static final int PROCESSOR_STATE = 100;
    public static final int MAP_DESCRIPTOR = 104;
    public static final int MAP_CLOSED = 108;
    public static final int MAP_DEVICE = 112;
    public static final int MAP_INODE = 120;
    public static final int MAP_PATH = 128;
    public static final int MAP_PATH_BYTES = 32;

    /** {@code _PY_EVAL_PLEASE_STOP_BIT} of a thread's evaluation breaker, whose address is in {@link #BEFORE} then. */
    public static final int PLEASE_STOP = 1 << 5;

    static final long MAGIC = 0x31_746e_6741_6670L; // "pfAgnt1"

    private static final int OWNER = 8;

    private final ProcessMemory memory;
    private final long address;

    ControlBlock(ProcessMemory memory, long address) {
        this.memory = memory;
        this.address = address;
    }

    long address() {
        return address;
    }

    /** Starts an empty record. The magic comes last, so that a block is whole or absent. */
    void create(long owner) throws IOException {
        write(OWNER, owner);
        write(0, MAGIC);
    }

    /** Makes a record that a fork copied this process's own, without a run under way. */
    void adopt(long owner, boolean keepEvaluator) throws IOException {
        if (!keepEvaluator) {
            write(EVALUATOR, 0);
            mapClosed(false);
        }
        writeInt(STATE, RunState.IDLE.code());
        write(OWNER, owner);
    }

    boolean ownedBy(long startTime) throws IOException {
        return memory.word(address + OWNER) == startTime;
    }

    long evaluator() throws IOException {
        return memory.word(address + EVALUATOR);
    }

    boolean mapClosed() throws IOException {
        return readInt(MAP_CLOSED) != 0;
    }

    void mapClosed(boolean closed) throws IOException {
        writeInt(MAP_DESCRIPTOR, 0);
        writeInt(MAP_CLOSED, closed ? 1 : 0);
    }

    /** The next activation closes this before anything else. The number comes last, so that there is never one without its file. */
    void closeFirst(OpenMap map) throws IOException {
        write(MAP_DEVICE, map.device());
        write(MAP_INODE, map.inode());
        writeInt(MAP_DESCRIPTOR, map.descriptor() + 1);
    }

    /** The first activation finds the descriptor of this by itself, and closes it at once. */
    void mapPath(String path) throws IOException {
        memory.write(address + MAP_PATH, Arrays.copyOf(path.getBytes(StandardCharsets.US_ASCII), MAP_PATH_BYTES));
    }

    long before() throws IOException {
        return memory.word(address + BEFORE);
    }

    long after() throws IOException {
        return memory.word(address + AFTER);
    }

    RunState state() throws IOException {
        return RunState.of(readInt(STATE));
    }

    RunResult result() throws IOException {
        return RunResult.of(readInt(RESULT));
    }

    int thread() throws IOException {
        return readInt(THREAD);
    }

    void state(RunState state) throws IOException {
        writeInt(STATE, state.code());
    }

    void command(Command command) throws IOException {
        writeInt(COMMAND, command.code());
    }

    /**
     * Everything that a run needs, in one write.
     *
     * @param about an address, in the place where the answer will be; 0 for none
     */
    void prepare(
            int thread, Command command, Route route, long about, Resumption back, long signalMask, int vectorBytes)
            throws IOException {
        ByteBuffer run = ByteBuffer.allocate(MAP_DESCRIPTOR - STATE).order(ByteOrder.LITTLE_ENDIAN);
        run.putInt(RunState.PREPARED.code()).putInt(RunResult.NONE.code());
        run.putInt(command.code()).putInt(route.code());
        run.putLong(about).putLong(0);
        run.putLong(back.programCounter()).putLong(back.result()).putLong(back.interruptedAt());
        run.putLong(signalMask).putInt(back.restart().code()).putInt(vectorBytes);
        run.putInt(thread).putInt(back.processorState());
        memory.write(address + STATE, run.array());
    }

    private int readInt(int field) throws IOException {
        return memory.read(address + field, Integer.BYTES).getInt(0);
    }

    private void writeInt(int field, int value) throws IOException {
        byte[] bytes = new byte[Integer.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(value);
        memory.write(address + field, bytes);
    }

    private void write(int field, long value) throws IOException {
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        memory.write(address + field, bytes);
    }
}
