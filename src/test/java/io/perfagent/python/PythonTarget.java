package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.testing.PerfMaps;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An interpreter that runs {@code target.py} and says of itself, again and again, whether all is well. A shell stands between, since
 * the virtual machine waits for children of its own, and would get to see the stops that the tracing thread waits for.
 */
final class PythonTarget implements AutoCloseable {
    /** What takes seconds of a processor may take many times as long on a busy machine. */
    private static final long PATIENCE_SECONDS = 120;

    private static final String SHELL = "nice -n 5 \"$@\" & echo $!; wait $!";

    private final Process shell;
    private final ProcessHandle python;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private PythonTarget(Process shell) throws IOException {
        this.shell = shell;
        BufferedReader reader = shell.inputReader(StandardCharsets.UTF_8);
        long pid = Long.parseLong(reader.readLine());
        this.python = ProcessHandle.of(pid).orElseThrow();
        Thread.ofPlatform().daemon().name("target-output").start(() -> read(reader));
    }

    static PythonTarget start(String python, String mode, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", SHELL, "sh", python));
        command.addAll(List.of(options));
        command.addAll(List.of("-c", source(), mode));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put("HOLD", Path.of("target/workloads/hold").toAbsolutePath().toString());
        PythonTarget target = new PythonTarget(builder.start());
        target.nextReport();
        return target;
    }

    int pid() {
        return (int) python.pid();
    }

    /** Waits until the target itself says so; every report on the way must be right. */
    void awaitActive(boolean active) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!nextReport().contains("active=" + (active ? "True" : "False"))) {
            assertThat(System.nanoTime()).as("active=" + active).isLessThan(deadline);
        }
    }

    /** Reads on until everything written so far has been seen, and one report more. */
    void expectProgress() {
        while (!lines.isEmpty()) {
            nextReport();
        }
        nextReport();
        nextReport();
    }

    /** Reads on until a function has been named. */
    void awaitNames() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (mapEntries() == 0) {
            assertThat(System.nanoTime()).as("entries of the map").isLessThan(deadline);
            nextReport();
        }
    }

    String nextReport() {
        try {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(line).as("a report of the target").isNotNull().contains("right=True");
            return Objects.requireNonNull(line);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing of ours is left: no tracer, and no thread that is stopped. */
    void expectUntouched() throws IOException {
        assertThat(ProcStatus.read(pid()).field("TracerPid")).isEqualTo("0");
        Path tasks = Path.of("/proc", Integer.toString(pid()), "task");
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                int tid = Integer.parseInt(thread.getFileName().toString());
                assertThat(ProcStat.read(tid).state()).as("state of " + tid).isNotIn('t', 'T');
            }
        }
    }

    long mapEntries() throws IOException {
        return PerfMapFile.entries(pid());
    }

    /**
     * Ends it as a program ends, through Py_Finalize. An interpreter overlooks a signal that comes while its main thread, interrupted before, is
     * about to wait for a lock again: without us 4 to 8 times in 100 where two come within 6 ms and other threads compute. One that ends already
     * would be killed by the next.
     */
    void exitCleanly() throws InterruptedException {
        python.destroy();
        for (int again = 0; again < 3 && !shell.waitFor(PATIENCE_SECONDS / 4, TimeUnit.SECONDS); again++) {
            python.destroy();
        }
        assertThat(shell.waitFor(PATIENCE_SECONDS / 4, TimeUnit.SECONDS))
                .as("it has ended")
                .isTrue();
        assertThat(shell.exitValue()).isZero();
    }

    @Override
    public void close() throws IOException {
        @Nullable Path map = python.isAlive() ? PerfMaps.path(pid()) : null;
        if (map != null) {
            Files.deleteIfExists(map);
        }
        python.destroyForcibly();
    }

    private void read(BufferedReader reader) {
        try (reader) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String source() throws IOException {
        try (InputStream in = Objects.requireNonNull(PythonTarget.class.getResourceAsStream("target.py"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
