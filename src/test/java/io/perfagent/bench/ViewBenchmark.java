package io.perfagent.bench;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Format;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import io.perfagent.testing.Pprof;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A profile of ten megabytes and a small one, shown by {@code ./perf-agent view} and {@code go tool pprof -top}, which take turns. */
final class ViewBenchmark {
    private static final int ROUNDS = 5;
    private static final int STACKS = 220_000;
    private static final int FEW_STACKS = 1000;
    private static final double NANOS = 1e9;

    void run(PrintStream out) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("perf-agent-view");
        Table table = Table.ofFigures(
                "A profile shown as a table: perf-agent view, and go tool pprof -top; each run is a process of its own");
        compare(profile(directory.resolve("large.pb.gz"), STACKS), directory, table, true);
        compare(profile(directory.resolve("small.pb.gz"), FEW_STACKS), directory, table, false);
        table.print(out);
    }

    private static Path profile(Path file, int stacks) throws IOException {
        try {
            var _ = new Export(Format.PPROF, ProfileFile.at(file), false)
                    .write(SyntheticProfile.of(stacks, 5 * stacks));
            return file;
        } catch (CannotStartException e) {
            throw new IOException(e);
        }
    }

    /** @param faster whether ours is to be: a small file takes no longer than a virtual machine takes to start */
    private static void compare(Path file, Path directory, Table table, boolean faster)
            throws IOException, InterruptedException {
        Runs ours = new Runs(List.of("./perf-agent", "view", file.toString()));
        Runs theirs = new Runs(Pprof.command("-top", "-symbolize=none", file.toString()));
        for (int round = 0; round < ROUNDS; round++) {
            ours.add(directory.resolve("ours"));
            theirs.add(directory.resolve("theirs"));
        }
        String name = Math.round(Files.size(file) / 1e5) / 10.0 + " MB";
        table.figure(name + ": perf-agent view", ours.wall, "s", faster ? theirs.wall.median() : Double.NaN);
        table.figure("  CPU time", ours.cpu, "s", faster ? theirs.cpu.median() : Double.NaN);
        table.figure(name + ": pprof -top", theirs.wall, "s");
        table.figure("  CPU time", theirs.cpu, "s");
    }

    /** One command, again and again. */
    private record Runs(List<String> command, Figures wall, Figures cpu) {
        Runs(List<String> command) {
            this(command, new Figures(), new Figures());
        }

        void add(Path output) throws IOException, InterruptedException {
            long began = System.nanoTime();
            cpu.add(Command.run(command, output).cpuSeconds());
            wall.add((System.nanoTime() - began) / NANOS);
        }
    }
}
