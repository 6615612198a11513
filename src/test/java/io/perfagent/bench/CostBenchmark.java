package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;

/** What perf-agent itself takes while it profiles one Python process. */
final class CostBenchmark {
    private static final int ROUNDS = 2;
    private static final int SECONDS = 10;

    private final String python;
    private final Rate slow = new Rate(99);
    private final Rate fast = new Rate(999);

    CostBenchmark(String python) {
        this.python = python;
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        try (Target target = Target.withTrampolines(python, "mixed.py")) {
            for (int round = 0; round < ROUNDS; round++) {
                slow.add(AgentRun.of(target, slow.hertz, SECONDS));
                fast.add(AgentRun.of(target, fast.hertz, SECONDS));
            }
        }
        Table table = Table.ofFigures("Cost: one Python process (mixed.py), " + SECONDS + " s a run");
        table.figure("perf-agent's CPU while it samples, 99 Hz", slow.steady, "% of a core", 1);
        table.figure("the same, 999 Hz", fast.steady, "% of a core");
        table.figure("BPF program in the target's time, 99 Hz", slow.kernel, "% of a core");
        table.figure("the same, 999 Hz", fast.kernel, "% of a core");
        table.figure("CPU time from start to exit, 99 Hz", slow.total, "s");
        table.figure("the same, 999 Hz", fast.total, "s");
        table.figure("tables at the end of a run, 99 Hz", slow.tables, "MB", 0.5);
        table.figure("peak resident memory, 99 Hz", slow.peak, "MB", 120);
        table.figure("the same, 999 Hz", fast.peak, "MB", 120);
        table.print(out);
    }

    private static final class Rate {
        private final int hertz;
        private final Figures steady = new Figures();
        private final Figures kernel = new Figures();
        private final Figures total = new Figures();
        private final Figures peak = new Figures();
        private final Figures tables = new Figures();

        Rate(int hertz) {
            this.hertz = hertz;
        }

        void add(AgentRun run) {
            steady.add(100 * run.steadyShare());
            kernel.add(100 * run.microsPerSample() / 1e6 * run.samples() / SECONDS);
            total.add(run.cpuSeconds());
            peak.add(run.peakKilobytes() * 1024 / 1e6);
            tables.add(run.tableBytes() / 1e6);
        }
    }
}
