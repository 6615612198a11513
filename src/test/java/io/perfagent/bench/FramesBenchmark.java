package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** The cost of reading CPython's frames, by the clock inside the BPF program; runs that read them and runs that do not take turns. */
final class FramesBenchmark {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 4;

    private final String python;
    private final List<Load> loads = List.of(
            new Load("5 Python frames", 999, 60, "deep.py", "1"),
            new Load("30 Python frames", 999, 60, "deep.py", "26"),
            new Load("300 Python frames", 999, 60, "deep.py", "296"),
            new Load("5 Python frames, cold caches", 99, 250, "deep.py", "1"),
            new Load("30 Python frames, cold caches", 99, 250, "deep.py", "26"),
            new Load("300 Python frames, cold caches", 99, 250, "deep.py", "296"),
            new Load("mixed, cold caches", 99, 250, "mixed.py"));

    FramesBenchmark(String python) {
        this.python = python;
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            for (Load load : loads) {
                try (Target target = Target.plain(python, load.script, load.arguments)) {
                    load.add(
                            AgentRun.of(target, load.rate, SECONDS, "--python-frames=off"),
                            AgentRun.of(target, load.rate, SECONDS));
                }
            }
        }
        print(out);
    }

    private void print(PrintStream out) {
        Table frames = Table.ofFigures("Python frames: nanoseconds per frame that was read");
        Table beside = new Table(
                "Python frames: beside it, read and not read by turns",
                "",
                "frames/sample",
                "ns/native frame",
                "Python to native",
                "us/sample, read",
                "us/sample, not read",
                "ratio",
                "agent's CPU, ratio");
        for (Load load : loads) {
            String name = load.name + ", " + load.rate + " Hz";
            frames.figure(name, load.nanosPerFrame, "ns", load.target);
            beside.row(
                    name,
                    load.framesPerSample.text(),
                    load.nativeNanos.text(),
                    load.toNative.text(),
                    load.read.text(),
                    load.notRead.text(),
                    load.ratio.text(),
                    load.cpuRatio.text());
        }
        frames.print(out);
        beside.print(out);
    }

    private static final class Load {
        private final String name;
        private final int rate;
        private final double target;
        private final String script;
        private final String[] arguments;
        private final Figures nanosPerFrame = new Figures();
        private final Figures nativeNanos = new Figures();
        private final Figures toNative = new Figures();
        private final Figures framesPerSample = new Figures();
        private final Figures read = new Figures();
        private final Figures notRead = new Figures();
        private final Figures ratio = new Figures();
        private final Figures cpuRatio = new Figures();

        Load(String name, int rate, double target, String script, String... arguments) {
            this.name = name;
            this.rate = rate;
            this.target = target;
            this.script = script;
            this.arguments = arguments;
        }

        void add(AgentRun without, AgentRun with) {
            double nanos = with.number("Python frames: \\d+ read, ([\\d.]+) ns each");
            nanosPerFrame.add(nanos);
            nativeNanos.add(with.nanosPerFrame());
            toNative.add(nanos / with.nanosPerFrame());
            framesPerSample.add(with.number("Python frames: (\\d+) read") / with.samples());
            read.add(with.microsPerSample());
            notRead.add(without.microsPerSample());
            ratio.add(with.microsPerSample() / without.microsPerSample());
            cpuRatio.add(with.cpuSeconds() / without.cpuSeconds());
        }
    }
}
