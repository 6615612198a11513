package io.perfagent.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tool, run to its end. */
final class Command {
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 50;

    private Command() {}

    /** Looks at a process while it runs. */
    interface Watch {
        /**
         * Called some twenty times a second.
         *
         * @param pid of the tool
         * @param nanos since it was started
         */
        void look(long pid, long nanos);
    }

    /**
     * How it went.
     *
     * @param started just before it was
     * @param cpuSeconds user and system time, of its children too
     */
    record Finished(Instant started, double cpuSeconds) {}

    /** Runs a tool; its output goes to {@code output}, which is shown where the tool fails. */
    static Finished run(List<String> command, Path output, Watch watch) throws IOException, InterruptedException {
        double before = ProcessFiles.childSeconds();
        Instant started = Instant.now();
        long startedNanos = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            long nanos = System.nanoTime() - startedNanos;
            watch.look(process.pid(), nanos);
            if (nanos > LONGEST.toNanos()) {
                process.destroyForcibly();
            }
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command) + " exits with " + process.exitValue() + ": " + Files.readString(output));
        }
        return new Finished(started, ProcessFiles.childSeconds() - before);
    }

    static Finished run(List<String> command, Path output) throws IOException, InterruptedException {
        return run(command, output, (_, _) -> {});
    }
}
