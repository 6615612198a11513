package io.perfagent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test profiles: ready when it has said so. A shell stands between: the virtual machine waits for children of
 * its own, and would take the stops that a tracer of the same process waits for.
 */
public final class TargetProgram implements AutoCloseable {
    /**
     * For a workload of {@code truth.py}: on a processor for a fifth of the time. At the usual rate that is some twenty samples a second,
     * and leaves the machine to those that profile it.
     */
    public static final Map<String, String> PACED = Map.of("PAUSE", "0.002");

    /** What may run all the time yields to those that profile it: they come to their samples sooner. */
    private static final String SHELL = "sh -c 'echo $$; exec nice -n 5 \"$@\"' sh \"$@\" & wait $!";
    /** What takes seconds of a processor may take many times as long on a busy machine. */
    private static final long PATIENCE_SECONDS = 120;

    private final Process shell;
    private final int pid;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private TargetProgram(Process shell) throws IOException {
        this.shell = shell;
        BufferedReader reader = shell.inputReader(StandardCharsets.UTF_8);
        this.pid = Integer.parseInt(reader.readLine());
        Thread.ofPlatform().daemon().name("target-output").start(() -> read(reader));
    }

    /** Starts a program and waits for its line {@code ready}; one that says anything else, or nothing, is ended. */
    public static TargetProgram start(Map<String, String> environment, List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().putAll(environment);
        TargetProgram program = new TargetProgram(builder.start());
        try {
            assertThat(program.nextLine()).as("first line of " + command).isEqualTo("ready");
            return program;
        } catch (AssertionError | IllegalStateException e) {
            program.close();
            throw e;
        }
    }

    public int pid() {
        return pid;
    }

    /** The next line that it prints. */
    public String nextLine() {
        try {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(line).as("a line of the target").isNotNull();
            return line == null ? "" : line;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a Python workload says of itself when asked: {@code report active=… digest=… calls_per_second=… handled=…}. */
    public String report() throws IOException, InterruptedException {
        Tool.output("kill", "-USR1", Integer.toString(pid));
        return nextLine();
    }

    /** Waits for it to end; false where it does not. */
    public boolean ended() throws InterruptedException {
        return shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        Path map = Path.of("/proc/" + pid + "/root/tmp/perf-" + pid + ".map");
        Files.deleteIfExists(map);
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        try {
            assertThat(shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
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
}
