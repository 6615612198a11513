package io.perfagent.bench;

import java.io.IOException;

/** A profiler that is compared. */
interface Contestant {
    String name();

    /** Whether it profiles a target with CPython's trampolines on. */
    default boolean trampolines() {
        return true;
    }

    /** Profiles a target; null where the profiler is not on this machine. */
    Outcome profile(Target target, int rate, int seconds) throws IOException, InterruptedException;

    /**
     * What came of it.
     *
     * @param samples taken
     * @param complete of these, reaching the thread's first frame
     * @param fileBytes written
     * @param recordCpu CPU seconds while it recorded
     * @param reportCpu CPU seconds to turn the recording into stacks; 0 where that is part of recording
     */
    record Outcome(double samples, double complete, long fileBytes, double recordCpu, double reportCpu) {}
}
