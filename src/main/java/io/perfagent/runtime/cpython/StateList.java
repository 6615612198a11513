package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The threads of all interpreters of a process, as its lists have them. The process may change these meanwhile: where a list breaks off,
 * the next look finds the rest.
 *
 * @param all newest interpreter first, and of each the newest thread
 * @param interpreters their addresses
 * @param complete whether the lists led to their ends
 */
record StateList(List<State> all, List<Long> interpreters, boolean complete) {
    private static final int MOST = 100_000;

    /**
     * A thread as an interpreter knows it.
     *
     * @param address of its {@code PyThreadState}
     * @param id what {@code pthread_self()} says in it, which is where its FS begins
     * @param cframe innermost one, where the version has them
     */
    record State(long address, long id, long cframe) {}

    static StateList read(CPythonEntry entry, PythonMemory memory) {
        Walk walk = new Walk(entry.offsets(), memory);
        try {
            boolean complete = walk.interpreters(memory.word(entry.interpreters()));
            return new StateList(walk.found, walk.interpreters, complete);
        } catch (MissedException _) {
            return new StateList(walk.found, walk.interpreters, false);
        }
    }

    private static final class Walk {
        private final Offsets offsets;
        private final PythonMemory memory;
        private final List<State> found = new ArrayList<>();
        private final List<Long> interpreters = new ArrayList<>();
        private int steps;

        Walk(Offsets offsets, PythonMemory memory) {
            this.offsets = offsets;
            this.memory = memory;
        }

        boolean interpreters(long first) throws MissedException {
            long interpreter = first;
            while (interpreter != 0 && steps++ < MOST) {
                interpreters.add(interpreter);
                threads(interpreter);
                interpreter = memory.word(interpreter + offsets.interpreterNext());
            }
            return interpreter == 0;
        }

        /** Each state says what is before it: memory of one that has ended says anything. */
        private void threads(long interpreter) throws MissedException {
            long state = memory.word(interpreter + offsets.interpreterThreads());
            long previous = 0;
            while (state != 0 && steps++ < MOST) {
                ByteBuffer bytes = memory.read(state, offsets.threadSize());
                if (bytes.getLong(offsets.threadInterpreter()) != interpreter
                        || bytes.getLong(offsets.threadPrevious()) != previous) {
                    throw new MissedException(CodeMiss.GONE);
                }
                found.add(new State(state, bytes.getLong(offsets.threadId()), bytes.getLong(offsets.threadCframe())));
                previous = state;
                state = bytes.getLong(offsets.threadNext());
            }
            if (state != 0) {
                throw new MissedException(CodeMiss.TOO_LARGE);
            }
        }
    }
}
