package io.perfagent.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code py-spy record --native}: the one that PY_SPY names, or that is on the PATH. Its raw output has one stack a line, the
 * thread's first frame first: {@code 0x7f2e2264524a (libc.so.6);<module> (app.py:9);handler (app.py:7) 42}. It leaves {@code _start} and the
 * interpreter's own functions out, so that a stack whose first frame is libc's counts as complete.
 *
 * @param trampolines whether its target has trampolines: py-spy needs none, and cannot merge stacks that have them
 */
record PySpy(boolean trampolines) implements Contestant {
    @Override
    public String name() {
        return trampolines ? "py-spy --native" : "py-spy --native, no -X perf";
    }

    @Override
    public Outcome profile(Target target, int rate, int seconds) throws IOException, InterruptedException {
        Path program = find();
        if (program == null) {
            return null;
        }
        Path raw = Files.createTempFile("perf-agent-bench-", ".raw");
        Path log = Files.createTempFile("perf-agent-bench-", ".log");
        try {
            Command.Finished run = Command.run(command(program, target, rate, seconds, raw), log);
            return counted(raw, run);
        } finally {
            Files.delete(raw);
            Files.delete(log);
        }
    }

    private static List<String> command(Path program, Target target, int rate, int seconds, Path raw) {
        return List.of(
                program.toString(),
                "record",
                "--native",
                "--format",
                "raw",
                "--rate",
                Integer.toString(rate + 1),
                "--duration",
                Integer.toString(seconds),
                "--output",
                raw.toString(),
                "--pid",
                Long.toString(target.pid()));
    }

    private static Outcome counted(Path raw, Command.Finished run) throws IOException {
        long samples = 0;
        long complete = 0;
        for (String line : Files.readAllLines(raw)) {
            int blank = line.lastIndexOf(' ');
            long count = Long.parseLong(line.substring(blank + 1));
            samples += count;
            String first = line.substring(0, blank).replaceFirst(";.*", "");
            complete += FirstFrames.contains(first) || first.contains("(libc.so") ? count : 0;
        }
        return new Outcome(samples, complete, Files.size(raw), run.cpuSeconds(), 0);
    }

    private static Path find() {
        String named = System.getenv("PY_SPY");
        if (named != null) {
            return Path.of(named);
        }
        for (String directory : System.getenv("PATH").split(":", -1)) {
            Path program = Path.of(directory, "py-spy");
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        return null;
    }
}
