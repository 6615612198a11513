package io.perfagent.bench;

/** Looks at perf-agent while it runs: largest memory, CPU time in the steady part, the program's counters. */
final class AgentWatch implements Command.Watch {
    private static final long SETTLED_NANOS = 2_500_000_000L; // by then the JVM is up and samples come in
    private static final long STEADY_NANOS = 7_000_000_000L;

    private final boolean longEnough;
    private long peakKilobytes;
    private long firstLook;
    private long firstCpu;
    private long lastLook;
    private long lastCpu;
    private ProcessFiles.ProgramRuns program;

    AgentWatch(int seconds) {
        longEnough = seconds * 1_000_000_000L >= SETTLED_NANOS + STEADY_NANOS;
    }

    @Override
    public void look(long pid, long nanos) {
        peakKilobytes = Math.max(peakKilobytes, ProcessFiles.peakResident(pid));
        ProcessFiles.ProgramRuns runs = ProcessFiles.programRuns(pid);
        program = runs == null ? program : runs;
        if (nanos >= SETTLED_NANOS && firstLook == 0) {
            firstLook = nanos;
            firstCpu = ProcessFiles.threadNanos(pid);
        }
        if (nanos >= SETTLED_NANOS + STEADY_NANOS && lastLook == 0) {
            lastLook = nanos;
            lastCpu = ProcessFiles.threadNanos(pid);
        }
    }

    double steadyShare() {
        return longEnough && lastLook > 0 ? (double) (lastCpu - firstCpu) / (lastLook - firstLook) : Double.NaN;
    }

    long peakKilobytes() {
        return peakKilobytes;
    }

    ProcessFiles.ProgramRuns program() {
        return program;
    }
}
