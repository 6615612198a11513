package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry.Lock;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** Where a version of CPython says which thread has the GIL. */
sealed interface Gil {
    /** {@code struct _gil_runtime_state}: interval, last_holder, locked, switch_number, cond, mutex, switch_cond, switch_mutex; of POSIX threads. */
    int HOLDER = 8;

    int LOCKED = 16;
    int WAITS = 32;
    int LOCK_BYTES = 208;

    /** It does not, or not where it is known. */
    enum Unknown implements Gil {
        UNKNOWN;

        @Override
        public Lock lock() {
            return Lock.UNKNOWN;
        }
    }

    /**
     * Up to 3.11: the state of the thread that has it, 0 where none does.
     *
     * @param variable runtime address
     * @param lock as the kernel side reads it
     */
    record OfProcess(long variable, Lock lock) implements Gil {
        /** From the lock to the variable: behind it comes {@code gilstate}, in which it is the second field; 3.7 to 3.11. */
        private static final int VARIABLE = LOCK_BYTES + Long.BYTES;

        private static final long LONGEST_INTERVAL = 1_000_000_000;

        /** With the lock that lies before the variable from 3.7 on, if what is there is one. */
        static OfProcess at(long variable, PythonMemory memory) throws MissedException {
            long address = variable - VARIABLE;
            ByteBuffer bytes = memory.read(address, LOCK_BYTES);
            long interval = bytes.getLong(0);
            int locked = bytes.getInt(LOCKED);
            boolean is = interval > 0 && interval <= LONGEST_INTERVAL && locked >= -1 && locked <= 1;
            return new OfProcess(
                    variable, is ? new Lock(address, 0, LOCKED, HOLDER, WAITS, LOCK_BYTES - WAITS) : Lock.UNKNOWN);
        }
    }

    /**
     * From 3.12 on: each interpreter has one, or shares the first one's.
     *
     * @param pointer to it, offset in an interpreter
     * @param locked offset in it of a number of 32 bits: 1 where a thread has it, 0 where none does
     * @param holder offset in it of the state of the thread that has it, or had it last
     */
    record OfInterpreters(int pointer, int locked, int holder) implements Gil {
        @Override
        public Lock lock() {
            int waits = locked + WAITS - LOCKED;
            return new Lock(0, pointer, locked, holder, waits, LOCK_BYTES - WAITS);
        }

        private long holderIn(long interpreter, PythonMemory memory) throws MissedException {
            long gil = memory.word(interpreter + pointer);
            return switch (memory.read(gil + locked, Integer.BYTES).getInt(0)) {
                case 0 -> 0;
                case 1 -> memory.word(gil + holder);
                default -> throw new MissedException(CodeMiss.MALFORMED);
            };
        }
    }

    /** Where the kernel side finds it; {@link Lock#UNKNOWN} where that is not known. */
    Lock lock();

    /** The states of the threads that have one; throws where that is not certain. */
    default Set<Long> holders(StateList states, PythonMemory memory) throws MissedException {
        Set<Long> holders = new HashSet<>();
        switch (this) {
            case Unknown _ -> throw new MissedException(CodeMiss.UNREADABLE);
            case OfProcess process -> holders.add(memory.word(process.variable));
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
