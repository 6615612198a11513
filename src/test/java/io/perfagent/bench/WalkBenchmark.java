package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The cost of a walked frame, by the clock inside the BPF program and by the kernel's own count of its runs. */
final class WalkBenchmark {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 3;
    private static final int FEW_SAMPLES_SECONDS = 5;

    private final String python;
    private final List<Load> loads = new ArrayList<>();

    WalkBenchmark(String python) {
        this.python = python;
        loads.add(new Load("python, about 30 frames", 999, 45, "deep.py", "1"));
        loads.add(new Load("python, about 300 frames", 999, 20, "deep.py", "68"));
        loads.add(new Load("python, about 1,000 frames", 999, 20, "deep.py", "244"));
        loads.add(new Load("mixed, cold caches", 99, 200, "mixed.py"));
        loads.add(new Load("mixed", 999, Double.NaN, "mixed.py"));
    }

    void run(PrintStream out) throws IOException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            for (Load load : loads) {
                load.add(profile(load));
            }
        }
        try (BpfStats _ = new BpfStats()) {
            for (Load load : loads) {
                load.addStats(profile(load));
            }
        }
        print(out);
    }

    private AgentRun profile(Load load) throws IOException, InterruptedException {
        try (Target target = Target.withTrampolines(python, load.script, load.arguments)) {
            return AgentRun.of(target, load.rate, load.rate < 500 ? FEW_SAMPLES_SECONDS : SECONDS);
        }
    }

    private void print(PrintStream out) {
        Table frames = Table.ofFigures("Walk: nanoseconds per frame, by the clock inside the BPF program");
        Table beside = new Table(
                "Walk: beside it, and by kernel.bpf_stats_enabled in a pass of its own (which adds 1.3 to 2 us a run)",
                "",
                "frames/sample",
                "us/sample",
                "us/sample, bpf_stats",
                "us/run, bpf_stats",
                "runs/sample");
        for (Load load : loads) {
            String name = load.name + ", " + load.rate + " Hz";
            frames.figure(name, load.nanosPerFrame, "ns", load.target);
            beside.row(
                    name,
                    load.framesPerSample.text(),
                    load.microsPerSample.text(),
                    load.statsPerSample.text(),
                    load.statsPerRun.text(),
                    load.runsPerSample.text());
        }
        frames.print(out);
        beside.print(out);
        out.println(
                "  A run that hits another process than the target ends at once: it is in us/run, not in us/sample.");
    }

    private static final class Load {
        private final String name;
        private final int rate;
        private final double target;
        private final String script;
        private final String[] arguments;
        private final Figures nanosPerFrame = new Figures();
        private final Figures framesPerSample = new Figures();
        private final Figures microsPerSample = new Figures();
        private final Figures statsPerSample = new Figures();
        private final Figures statsPerRun = new Figures();
        private final Figures runsPerSample = new Figures();

        Load(String name, int rate, double target, String script, String... arguments) {
            this.name = name;
            this.rate = rate;
            this.target = target;
            this.script = script;
            this.arguments = arguments;
        }

        void add(AgentRun run) {
            nanosPerFrame.add(run.nanosPerFrame());
            framesPerSample.add(run.framesPerSample());
            microsPerSample.add(run.microsPerSample());
        }

        void addStats(AgentRun run) {
            if (run.program() != null) {
                statsPerRun.add(run.program().nanos() / 1e3 / run.program().runs());
                statsPerSample.add(run.program().nanos() / 1e3 / run.samples());
                runsPerSample.add(run.program().runs() / run.samples());
            }
        }
    }
}
