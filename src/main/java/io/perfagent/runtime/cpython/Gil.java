package io.perfagent.runtime.cpython;

import java.util.HashSet;
import java.util.Set;

/** Where a version of CPython says which thread has the GIL. */
sealed interface Gil {
    /** It does not, or not where it is known. */
    enum Unknown implements Gil {
        UNKNOWN
    }

    /**
     * Up to 3.11: the state of the thread that has it, 0 where none does.
     *
     * @param variable runtime address
     */
    record OfProcess(long variable) implements Gil {}

    /**
     * From 3.12 on: each interpreter has one, or shares the first one's.
     *
     * @param pointer to it, offset in an interpreter
     * @param locked offset in it of a number of 32 bits: 1 where a thread has it, 0 where none does
     * @param holder offset in it of the state of the thread that has it, or had it last
     */
    record OfInterpreters(int pointer, int locked, int holder) implements Gil {
        private long holderIn(long interpreter, PythonMemory memory) throws MissedException {
            long gil = memory.word(interpreter + pointer);
            return switch (memory.read(gil + locked, Integer.BYTES).getInt(0)) {
                case 0 -> 0;
                case 1 -> memory.word(gil + holder);
                default -> throw new MissedException(CodeMiss.MALFORMED);
            };
        }
    }

    /** The states of the threads that have one; throws where that is not certain. */
    default Set<Long> holders(StateList states, PythonMemory memory) throws MissedException {
        Set<Long> holders = new HashSet<>();
        switch (this) {
            case Unknown _ -> throw new MissedException(CodeMiss.UNREADABLE);
            case OfProcess(long variable) -> holders.add(memory.word(variable));
            case OfInterpreters gil -> {
                for (long interpreter : states.interpreters()) {
                    holders.add(gil.holderIn(interpreter, memory));
                }
            }
        }
        holders.remove(0L);
        for (long holder : holders) {
            if (states.all().stream().noneMatch(state -> state.address() == holder)) {
                throw new MissedException(CodeMiss.MALFORMED);
            }
        }
        return holders;
    }
}
