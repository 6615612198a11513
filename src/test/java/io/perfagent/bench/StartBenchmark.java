package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;

/** From exec to the first sample, and from the end of the duration to the file; each run is a JVM of its own, as users have it. */
final class StartBenchmark {
    private static final int ROUNDS = 5;
    private static final int RATE = 99;
    private static final int SECONDS = 1;

    private final String python;
    private final Figures first = new Figures();
    private final Figures firstNamed = new Figures();
    private final Figures finish = new Figures();
    private final Figures finishNamed = new Figures();
    private final Figures load = new Figures();
    private final Figures walker = new Figures();
    private final Figures tables = new Figures();
    private final Figures cpu = new Figures();

    private int refused;

    StartBenchmark(String python) {
        this.python = python;
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            add(profile(), first, finish);
            addNamed();
        }
        Table table = Table.ofFigures("Start and finish: one Python process, " + SECONDS + " s a run, cold JVM");
        table.figure("exec of ./perf-agent to first sample", first, "s", 1);
        table.figure("the same with --inject-python", firstNamed, "s", 1);
        table.figure("end of the duration to finished file", finish, "s", 1);
        table.figure("the same with --inject-python", finishNamed, "s", 1);
        table.row("runs that --inject-python refused", refused + " of " + ROUNDS, "", "", "", "");
        table.figure("BPF object opened and loaded", load, "ms", 50);
        table.figure("the same with the JVM's linking of libbpf", walker, "ms");
        table.figure("tables of the process, cold", tables, "ms");
        table.figure("CPU time of the whole run", cpu, "s");
        table.print(out);
    }

    /** An interpreter that refuses is told of, and does not end the benchmark. */
    private void addNamed() throws InterruptedException {
        try {
            add(profile("--inject-python"), firstNamed, finishNamed);
        } catch (IOException e) {
            refused++;
            System.err.println("bench: " + e.getMessage());
        }
    }

    /** A fresh target each time: what was switched on once is switched on faster the next time. */
    private AgentRun profile(String... options) throws IOException, InterruptedException {
        try (Target target = Target.plain(python, "chain.py")) {
            return AgentRun.of(target, RATE, SECONDS, options);
        }
    }

    private void add(AgentRun run, Figures toFirst, Figures toFile) {
        toFirst.add(run.number("first sample ([\\d.]+) s after exec"));
        toFile.add(run.finishSeconds());
        cpu.add(run.cpuSeconds());
        load.add(run.number("BPF object loaded in ([\\d.]+) ms"));
        walker.add(run.number("walker in ([\\d.]+) ms"));
        tables.add(run.number("tables in ([\\d.]+) ms"));
    }
}
