package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.runtime.cpython.PythonLayout.Threads;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The threads of all interpreters of a process, as its lists have them. The process changes these meanwhile: where a list breaks off, what
 * came before holds, and the next look finds the rest.
 *
 * @param all newest interpreter first, and of each the newest thread
 * @param complete whether the lists led to their ends
 */
public record ThreadStates(List<ThreadState> all, boolean complete) {
    private static final int MOST = 100_000;

    /** @param runtime address of {@code _PyRuntime}, or as {@link Threads#firstInterpreter} says */
    public static ThreadStates read(PythonLayout layout, long runtime, CodeMemory memory) {
        Walk walk = new Walk(layout.threads(), new PythonMemory(memory));
        try {
            return new ThreadStates(walk.found, walk.interpreters(runtime));
        } catch (MissedException _) {
            return new ThreadStates(walk.found, false);
        }
    }

    private static final class Walk {
        private final Threads threads;
        private final PythonMemory memory;
        private final int stateBytes;
        private final List<ThreadState> found = new ArrayList<>();
        private int steps;

        Walk(Threads threads, PythonMemory memory) {
            this.threads = threads;
            this.memory = memory;
            this.stateBytes = Math.max(threads.id(), threads.nativeId()) + Long.BYTES;
        }

        boolean interpreters(long runtime) throws MissedException {
            long interpreter = memory.word(runtime + threads.firstInterpreter());
            while (interpreter != 0 && steps++ < MOST) {
                threads(interpreter);
                interpreter = memory.word(interpreter + threads.nextInterpreter());
            }
            return interpreter == 0 && steps < MOST;
        }

        private void threads(long interpreter) throws MissedException {
            long state = memory.word(interpreter + threads.firstThread());
            while (state != 0 && steps++ < MOST) {
                ByteBuffer bytes = memory.read(state, stateBytes);
                if (bytes.getLong(threads.interpreter()) != interpreter) {
                    throw new MissedException(CodeMiss.GONE);
                }
                long nativeId = threads.nativeId() == PythonLayout.NONE ? 0 : bytes.getLong(threads.nativeId());
                found.add(new ThreadState(state, bytes.getLong(threads.id()), nativeId));
                state = bytes.getLong(threads.next());
            }
        }
    }
}
