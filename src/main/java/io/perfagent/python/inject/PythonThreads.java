package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The threads of all interpreters of a process, read from outside as the functions that walk the lists would find them:
 *
 * <pre>
 *   interpreter ─→ thread state ─→ thread state ─→ 0         … │ thread_id u64 │ native_thread_id u64 │ …
 *        └──→ interpreter ─→ thread state ─→ 0                  offset by version: Include/cpython/pystate.h
 * </pre>
 *
 * The lists change while they are read, and a hostile process's may be circles: what is longer than could be is not believed.
 */
public final class PythonThreads {
    private static final int MOST_INTERPRETERS = 1 << 10;
    private static final int MOST_THREADS = 1 << 15;

    private final Interpreter interpreter;
    private final Architecture architecture;
    private final ProcessMemory memory;
    private final List<PythonThread> found = new ArrayList<>();

    private PythonThreads(Interpreter interpreter, Architecture architecture, ProcessMemory memory) {
        this.interpreter = interpreter;
        this.architecture = architecture;
        this.memory = memory;
    }

    /** Null where the lists cannot be read whole, or hold a thread that has not begun and does not say yet which it is. */
    public static @Nullable List<PythonThread> of(
            Interpreter interpreter, Architecture architecture, ProcessMemory memory) {
        PythonThreads threads = new PythonThreads(interpreter, architecture, memory);
        try {
            return interpreter.threadLists().complete() && threads.walk() ? threads.found : null;
        } catch (IOException _) {
            return null;
        }
    }

    /** Of {@code thread_id} in a thread state; 0 for a version that is not known. */
    private static int threadIdOffset(int minor) {
        return switch (minor) {
            case 12 -> 136;
            case 13, 14 -> 152;
            case 15 -> 176;
            default -> 0;
        };
    }

    private boolean walk() throws IOException {
        ThreadListCalls lists = interpreter.threadLists();
        long state = call(lists.interpreters(), 0);
        for (int count = 0; state > 0 && count < MOST_INTERPRETERS; count++) {
            if (!walkThreads(call(lists.threads(), state))) {
                return false;
            }
            state = call(lists.nextInterpreter(), state);
        }
        return state == 0 && !found.isEmpty();
    }

    private boolean walkThreads(long first) throws IOException {
        int offset = threadIdOffset(interpreter.minor());
        long state = first;
        while (offset > 0 && state > 0 && found.size() < MOST_THREADS) {
            ByteBuffer ids = memory.read(state + offset, 2 * Long.BYTES);
            long tid = ids.getLong(Long.BYTES);
            if (tid <= 0 || tid > Integer.MAX_VALUE) {
                return false;
            }
            found.add(new PythonThread((int) tid, ids.getLong(0)));
            state = call(interpreter.threadLists().nextThread(), state);
        }
        return state == 0;
    }

    /** Negative where it cannot be told: no address of user space is. */
    private long call(long function, long argument) throws IOException {
        return architecture.getter(memory, function, argument).orElse(-1);
    }
}
