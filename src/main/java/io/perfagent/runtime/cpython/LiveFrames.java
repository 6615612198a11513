package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.process.Image;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Frames of threads that stay where they are, read from user space meanwhile; the second implementation of {@code bpf/python.h}. */
public final class LiveFrames {
    private final Pythons pythons;
    private final SentCodes sent;

    /** @param sent is told of functions */
    LiveFrames(Pythons pythons, SentCodes sent) {
        this.pythons = pythons;
        this.sent = sent;
    }

    /** The threads of one process, as long as they stay where they are. */
    public static final class Reader {
        private final @Nullable Python python;
        private final PythonMemory memory;
        private final StateList states;
        private final Map<Long, Integer> tags = new HashMap<>();
        private final LiveThread.Functions functions;
        private final @Nullable LiveGil gil;

        private Reader(
                @Nullable Python python,
                PythonMemory memory,
                PythonMemory now,
                StateList states,
                LiveThread.Functions functions) {
            this.functions = functions;
            this.python = python;
            this.memory = memory;
            this.states = states;
            this.gil = python == null || !states.complete()
                    ? null
                    : new LiveGil(
                            python.gil(),
                            memory,
                            states,
                            fsBase -> new LiveThread(python, now, new HashMap<>(), functions, 0, -1)
                                    .frames(states, fsBase));
        }

        /**
         * The frames of a thread. Which native frame runs them is not known yet.
         *
         * @param fsBase where the thread's FS begins
         * @param stack its stack pointer
         * @param stackEnd where its stack ends
         */
        public PythonFrames frames(long fsBase, long stack, long stackEnd) {
            if (python == null) {
                return PythonFrames.NONE;
            }
            return states.complete()
                    ? new LiveThread(python, memory, tags, functions, stack, stackEnd).frames(states, fsBase)
                    : new PythonFrames(new long[0], PythonFrames.End.UNREADABLE);
        }

        /**
         * What a thread that waits has to do with the GIL: it has it, or it waits for it; then who has it now, and what that runs.
         *
         * @param fsBase where the thread's FS begins
         * @param futex on which it waits, if on one
         * @param tids threads of the process by where their FS begins; 0 where there is none
         */
        public GilUse gil(long fsBase, long futex, LongToIntFunction tids) {
            return gil == null ? GilUse.NONE : gil.use(fsBase, futex, tids);
        }

        /** Where the FS begins of those threads that have a GIL; null where that is not known. */
        public @Nullable Set<Long> gilHolders() {
            if (python == null || !states.complete()) {
                return null;
            }
            try {
                Set<Long> holders = python.gil().holders(states, memory);
                return states.all().stream()
                        .filter(state -> holders.contains(state.address()))
                        .map(StateList.State::id)
                        .collect(Collectors.toSet());
            } catch (MissedException _) {
                return null;
            }
        }
    }

    /**
     * Looks at the threads that the interpreters of a process know now.
     *
     * @param memory of the process, which may be read once and kept
     * @param now the same, as it is each time
     */
    public Reader reader(Image image, CodeMemory memory, CodeMemory now) {
        Python python = pythons.of(image);
        PythonMemory of = new PythonMemory(memory);
        StateList states =
                python == null ? new StateList(List.of(), List.of(), true) : StateList.read(python.entry(), of);
        return new Reader(
                python, of, new PythonMemory(now), states, (code, function) -> sent.ranBy(image.pid(), code, function));
    }

    /** 13 of 3.13; null where an image has no Python whose frames can be read. */
    public @Nullable Integer minor(Image image) {
        Python python = pythons.of(image);
        return python == null ? null : python.layout().minor();
    }
}
