package io.perfagent.bench;

import io.perfagent.python.PythonActivator;
import io.perfagent.testing.Interpreter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How long threads are stopped, over many switches of one process on each interpreter; the first ones are of a cold JVM. */
final class StopBenchmark {
    private static final int CYCLES = 50;
    private static final String LIFETIME = "300";
    private static final String SHELL = "sh -c 'echo $$; exec \"$@\"' sh \"$@\" & wait $!";
    private static final double P50_MICROS = 300;
    private static final double MAX_MICROS = 5000;

    void run(PrintStream out) throws IOException {
        Table table = new Table(
                "Stops while the trampoline is switched on and off " + CYCLES + " times",
                "",
                "stops",
                "p50 us",
                "p99 us",
                "max us",
                "p50 <= 300, max <= 5000");
        for (Interpreter interpreter : Interpreter.oneOfEachVersion()) {
            for (String workload : List.of("chain.py", "threads.py")) {
                long[] nanos = stops(interpreter, workload);
                if (nanos.length > 0) {
                    table.row(row(interpreter + " " + workload, nanos));
                }
            }
        }
        table.print(out);
    }

    /** Empty where the interpreter is refused. A shell stands between: a JVM waits for its own children, and takes their stops. */
    private static long[] stops(Interpreter interpreter, String workload) throws IOException {
        String script =
                Path.of("src", "test", "workloads", workload).toAbsolutePath().toString();
        Process shell = new ProcessBuilder(
                        "sh", "-c", SHELL, "sh", interpreter.command().toString(), script, LIFETIME)
                .start();
        try (PythonActivator activator = new PythonActivator()) {
            BufferedReader lines = shell.inputReader(StandardCharsets.UTF_8);
            int pid = Integer.parseInt(lines.readLine());
            lines.readLine();
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                activator.activate(pid);
                activator.deactivate(pid);
            }
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            return activator.stopNanos();
        }
    }

    private static String[] row(String name, long[] nanos) {
        double median = nanos[(nanos.length - 1) / 2] / 1e3;
        double p99 = nanos[(nanos.length - 1) * 99 / 100] / 1e3;
        double longest = nanos[nanos.length - 1] / 1e3;
        String verdict = median <= P50_MICROS && longest <= MAX_MICROS ? "met" : "MISSED";
        return new String[] {name, Integer.toString(nanos.length), text(median), text(p99), text(longest), verdict};
    }

    private static String text(double micros) {
        return String.format(Locale.ROOT, "%.0f", micros);
    }
}
