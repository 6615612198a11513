package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.model.PythonFrames;
import io.perfagent.process.Image;
import org.jspecify.annotations.Nullable;

/** Frames of threads that stay where they are, read from user space meanwhile; the second implementation of {@code bpf/python.h}. */
public final class LiveFrames {
    private final Pythons pythons;

    public LiveFrames(Pythons pythons) {
        this.pythons = pythons;
    }

    /** Reads frames of the threads of one process, as long as they stay where they are. */
    public interface Reader {
        /** Says that there is no Python. */
        Reader NONE = (_, _, _) -> PythonFrames.NONE;

        /**
         * The frames of a thread. Which native frame runs them is not known yet.
         *
         * @param fsBase where the thread's FS begins
         * @param stack its stack pointer
         * @param stackEnd where its stack ends
         */
        PythonFrames frames(long fsBase, long stack, long stackEnd);
    }

    /**
     * Looks at the threads that the interpreters of a process know now.
     *
     * @param memory of the process
     */
    public Reader reader(Image image, CodeMemory memory) {
        Python python = pythons.of(image);
        if (python == null) {
            return Reader.NONE;
        }
        PythonMemory of = new PythonMemory(memory);
        StateList states = StateList.read(python.entry(), of);
        return (fsBase, stack, stackEnd) -> frames(new LiveThread(python, of, stack, stackEnd), states, fsBase);
    }

    private static PythonFrames frames(LiveThread thread, StateList states, long fsBase) {
        return states.complete()
                ? thread.frames(states, fsBase)
                : new PythonFrames(new long[0], PythonFrames.End.UNREADABLE);
    }

    /** 13 of 3.13; null where an image has no Python whose frames can be read. */
    public @Nullable Integer minor(Image image) {
        Python python = pythons.of(image);
        return python == null ? null : python.layout().minor();
    }
}
