package io.perfagent.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process to profile, busy until it is closed. */
record Target(Process process) implements AutoCloseable {
    private static final String WORKLOADS = "src/test/workloads/";
    private static final String LIFETIME = "300"; // seconds; it ends by itself should the benchmark be killed

    /** A workload of Python, its trampolines on from the start. */
    static Target withTrampolines(String python, String script, String... arguments) throws IOException {
        return start(List.of(python, "-X", "perf", WORKLOADS + script, LIFETIME), arguments);
    }

    static Target plain(String python, String script, String... arguments) throws IOException {
        return start(List.of(python, WORKLOADS + script, LIFETIME), arguments);
    }

    /** An interpreter that has imported nothing and does nothing. */
    static Target idle(String python) throws IOException {
        return start(List.of(python, "-c", "import time; print('ready', flush=True); time.sleep(" + LIFETIME + ")"));
    }

    /** A native workload, compiled by scripts/test-workloads. */
    static Target program(String name, String... arguments) throws IOException {
        return start(List.of("target/workloads/" + name, LIFETIME), arguments);
    }

    /** Stops it where it is: what is mapped stays, and the CPUs are free. */
    Target halted() throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -STOP " + pid()).start().waitFor();
        return this;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.deleteIfExists(Path.of("/tmp/perf-" + pid() + ".map"));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // One small file more in /tmp.
        }
    }

    private static Target start(List<String> command, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        Process process = new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        if (!"ready".equals(out.readLine())) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", all) + " does not start");
        }
        return new Target(process);
    }
}
