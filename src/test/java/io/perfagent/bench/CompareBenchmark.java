package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** perf-agent beside other profilers, on targets whose stacks are known to be shallow and deep. */
final class CompareBenchmark {
    private static final int ROUNDS = 2;
    private static final int SECONDS = 4;
    private static final int RATE = 99;

    private final String python;
    private final List<Contestant> contestants = List.of(
            new PerfAgent(),
            new Perf("fp", true),
            new Perf("dwarf,32768", true),
            new PySpy(true),
            new Perf("dwarf,32768", false),
            new PySpy(false));

    CompareBenchmark(String python) {
        this.python = python;
    }

    void run(PrintStream out) throws InterruptedException {
        Table table = new Table(
                "Compared: python -X perf, " + RATE + " Hz, " + SECONDS
                        + " s a run; complete = the stack ends in the thread's first frame",
                "",
                "samples",
                "complete %",
                "kB/s written",
                "CPU s, recording",
                "CPU s, to stacks");
        compare(table, "chain.py");
        compare(table, "deep.py");
        table.print(out);
        out.println("  py-spy shows no _start: its stacks count as complete where they end in libc.");
        out.println("  perf-agent's CPU time is all of it: start of the JVM, naming and writing included.");
    }

    private void compare(Table table, String script) throws InterruptedException {
        List<Tally> tallies = contestants.stream().map(_ -> new Tally()).toList();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < contestants.size(); i++) {
                profile(contestants.get(i), script, tallies.get(i));
            }
        }
        for (int i = 0; i < contestants.size(); i++) {
            table.row(tallies.get(i).row(script + ", " + contestants.get(i).name()));
        }
    }

    private void profile(Contestant contestant, String script, Tally tally) throws InterruptedException {
        try (Target target =
                contestant.trampolines() ? Target.withTrampolines(python, script) : Target.plain(python, script)) {
            tally.add(contestant.profile(target, RATE, SECONDS));
        } catch (IOException e) {
            tally.failed = true;
            System.err.println("bench: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private static final class Tally {
        private final Figures samples = new Figures();
        private final Figures complete = new Figures();
        private final Figures written = new Figures();
        private final Figures recordCpu = new Figures();
        private final Figures reportCpu = new Figures();
        private boolean present;
        private boolean failed;

        void add(Contestant.Outcome outcome) {
            if (outcome != null) {
                present = true;
                samples.add(outcome.samples());
                complete.add(Math.floor(10_000 * outcome.complete() / outcome.samples()) / 100); // 100 % means all
                written.add(outcome.fileBytes() / 1e3 / SECONDS);
                recordCpu.add(outcome.recordCpu());
                reportCpu.add(outcome.reportCpu());
            }
        }

        String[] row(String name) {
            return present
                    ? new String[] {
                        name, samples.text(), complete.text(), written.text(), recordCpu.text(), reportCpu.text()
                    }
                    : new String[] {name, failed ? "failed" : "not present", "", "", "", ""};
        }
    }
}
