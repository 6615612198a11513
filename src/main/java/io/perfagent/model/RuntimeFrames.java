package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/** Names the frames of languages' runtimes. */
public interface RuntimeFrames {
    /** Of a run that reads none. */
    RuntimeFrames NONE = new RuntimeFrames() {
        @Override
        public Location location(int process, long word, long detail) {
            return Location.unnamed(0, null, "[python]", SymbolMiss.NO_PROCESS);
        }

        @Override
        public void forget(int process) {}
    };

    /**
     * The function and line of two words of a stack, see {@link PythonFrames}; null where the frame is no function's.
     *
     * @param process number of the image
     */
    @Nullable
    Location location(int process, long word, long detail);

    /** Nothing will be asked of a process any more. */
    void forget(int process);
}
