package io.perfagent.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code make bench}: all benchmarks, one after the other, as tables on stdout; the way it goes on stderr. */
public final class Benchmark {
    private static final List<String> PREFERRED = List.of("pyenv-3.12.1", "pyenv-3.13.0", "bytedeco-3.12");

    private Benchmark() {}

    /** Runs in the work tree, as root; an argument leaves out every benchmark whose name does not begin with it. */
    public static void main(String[] args) throws IOException, InterruptedException {
        String only = args.length > 0 ? args[0] : "";
        PrintStream out = System.out;
        String[] python = python();
        out.println("Linux "
                + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip() + ", "
                + Runtime.getRuntime().availableProcessors() + " CPUs, load "
                + Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0] + ", CPython " + python[1] + " ("
                + python[0] + ")");
        out.println(
                "Wall-clock figures hold on an idle machine only: compare medians with CPU time where the load is above 1.");
        String command = python[3];
        part("tables", only, () -> new TablesBenchmark(command).run(out));
        part("walk", only, () -> new WalkBenchmark(command).run(out));
        part("frames", only, () -> new FramesBenchmark(command).run(out));
        part("yardstick", only, () -> new YardstickBenchmark().run(out));
        part("waits", only, () -> new WaitBenchmark().run(out));
        part("cost", only, () -> new CostBenchmark(command).run(out));
        part("start", only, () -> new StartBenchmark(command).run(out));
        part("stops", only, () -> new StopBenchmark().run(out));
        part("formats", only, () -> new FormatsBenchmark().run(out));
        part("view", only, () -> new ViewBenchmark().run(out));
        part("compare", only, () -> new CompareBenchmark(command).run(out));
    }

    private interface Part {
        void run() throws IOException, InterruptedException;
    }

    private static void part(String name, String only, Part part) throws IOException, InterruptedException {
        if (name.startsWith(only)) {
            long began = System.nanoTime();
            part.run();
            System.err.println("bench: " + name + " took " + (System.nanoTime() - began) / 1_000_000_000 + " s");
        }
    }

    /** Name, version, kind and command of the interpreter to profile. */
    private static String[] python() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("target/interpreters/list"));
        for (String name : PREFERRED) {
            for (String line : lines) {
                if (line.startsWith(name + "\t")) {
                    return line.split("\t", -1);
                }
            }
        }
        throw new IOException("no interpreter to profile: run make fixtures");
    }
}
