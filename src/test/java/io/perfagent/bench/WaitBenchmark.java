package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is lost of the switches of a program that does nothing but wait, while its time off the CPU is recorded: by turns with nobody, and with perf,
 * which takes a stack at each switch.
 */
final class WaitBenchmark {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 6;
    /** Of a run, in which whoever records has begun, and has not ended. */
    private static final double FROM = 2.5;

    private static final double TO = 5.5;
    /** Stands for the file in a command. */
    private static final String PROFILE = "PROFILE";

    private final Figures alone = new Figures();
    private final Figures perfAgent = new Figures();
    private final Figures finer = new Figures();
    private final Figures wakers = new Figures();
    private final Figures perf = new Figures();

    /** Switches of a process, and when they were read; between two looks is a rate. */
    private static final class Window implements Command.Watch {
        private final long target;
        private double first = Double.NaN;
        private double firstAt;
        private double last;
        private double lastAt;

        Window(long target) {
            this.target = target;
        }

        @Override
        public void look(long pid, long nanos) {
            double at = nanos / 1e9;
            if (at < FROM || at > TO) {
                return;
            }
            last = switches(target);
            lastAt = at;
            if (Double.isNaN(first)) {
                first = last;
                firstAt = at;
            }
        }

        double perSecond() {
            return (last - first) / (lastAt - firstAt);
        }
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        try (Target target = Target.program("pingpong")) {
            for (int round = 0; round < ROUNDS; round++) {
                double before = during(target, List.of("sleep", Integer.toString(SECONDS)));
                alone.add(before);
                perfAgent.add(1 - during(target, agent(target, "10ms")) / before);
                finer.add(1 - during(target, agent(target, "1ms")) / before);
                wakers.add(1 - during(target, with(agent(target, "10ms"), "--wakers")) / before);
                perf.add(1 - during(target, perf(target)) / before);
            }
        }
        Table table = Table.ofFigures("Waits: pingpong, two threads on one CPU, " + ROUNDS + " rounds by turns");
        table.figure("switches alone", alone, "a second");
        table.figure("lost with perf-agent --off-cpu", perfAgent, "of that", 0.05);
        table.figure("lost with --off-cpu-threshold 1ms", finer, "of that");
        table.figure("lost with --wakers", wakers, "of that");
        table.figure("lost with perf record -e context-switches -c 1 -g", perf, "of that");
        table.print(out);
    }

    private static double during(Target target, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("perf-agent-bench-", ".log");
        Path profile = Files.createTempFile("perf-agent-bench-", ".profile");
        Window window = new Window(target.pid());
        try {
            List<String> all = new ArrayList<>(command);
            all.replaceAll(word -> word.equals(PROFILE) ? profile.toString() : word);
            var _ = Command.run(all, output, window);
        } finally {
            Files.delete(output);
            Files.delete(profile);
        }
        return window.perSecond();
    }

    private static List<String> agent(Target target, String threshold) {
        return List.of(
                "./perf-agent",
                "--off-cpu",
                "--off-cpu-threshold",
                threshold,
                "--pid",
                Long.toString(target.pid()),
                "--duration",
                SECONDS + "s",
                "--output",
                PROFILE);
    }

    private static List<String> with(List<String> command, String option) {
        List<String> all = new ArrayList<>(command);
        all.add(option);
        return all;
    }

    private static List<String> perf(Target target) {
        List<String> command =
                new ArrayList<>(List.of("perf", "record", "-q", "-e", "context-switches", "-c", "1", "-g"));
        command.addAll(List.of("-o", PROFILE, "-p", Long.toString(target.pid()), "--", "sleep", "" + SECONDS));
        return command;
    }

    private static double switches(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            double sum = 0;
            for (Path thread : threads.toList()) {
                String status = Files.readString(thread.resolve("status"));
                sum += Text.number(status, "\\nvoluntary_ctxt_switches:\\s+(\\d+)");
            }
            return sum;
        } catch (IOException _) {
            return Double.NaN;
        }
    }
}
