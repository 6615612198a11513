package io.perfagent.agent.demo;

import io.perfagent.model.CannotStartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The web shop and its load, two processes. Both end when their stdin does: nothing of them outlives this program, however it
 * ends. They are grandchildren, with setsid(1) between: the virtual machine waits for its own children, and would take from the
 * tracer the stops of a child that is traced.
 */
final class DemoService implements AutoCloseable {
    private static final String PROGRAM = "/io/perfagent/demo/service.py";
    private static final Pattern READY = Pattern.compile("ready port=(\\d+) pid=(\\d+)");

    private final Path program;
    private final Process server;
    private final Process load;
    private final int pid;

    private DemoService(Path program, Process server, Process load, int pid) {
        this.program = program;
        this.server = server;
        this.load = load;
        this.pid = pid;
    }

    static DemoService start(Path python) throws CannotStartException {
        try {
            Path program = unpack();
            Process server = start(python, program, "serve");
            Matcher ready = ready(server);
            Process load = start(python, program, "load", ready.group(1));
            return new DemoService(program, server, load, Integer.parseInt(ready.group(2)));
        } catch (IOException e) {
            throw new CannotStartException("cannot start the demo's service with " + python + ": " + e.getMessage(), e);
        }
    }

    /** In a directory of its own: Python imports from where its script is, and in /tmp others can put modules. */
    private static Path unpack() throws IOException {
        Path program = Files.createTempDirectory("perf-agent-demo-").resolve("shop.py");
        try (InputStream text = DemoService.class.getResourceAsStream(PROGRAM)) {
            Files.copy(text, program);
        }
        return program;
    }

    private static Process start(Path python, Path program, String... arguments) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("setsid", "--fork", "--wait", python.toString(), program.toString());
        builder.command().addAll(java.util.List.of(arguments));
        builder.environment().keySet().removeIf(name -> name.startsWith("MALLOC_")); // for our own virtual machine
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static Matcher ready(Process server) throws IOException {
        BufferedReader lines = server.inputReader(StandardCharsets.UTF_8);
        Matcher ready = READY.matcher(String.valueOf(lines.readLine()));
        if (!ready.matches()) {
            throw new IOException("it did not become ready");
        }
        return ready;
    }

    /** Of the process that serves. */
    int pid() {
        return pid;
    }

    @Override
    public void close() {
        stop(load);
        stop(server);
        try {
            Files.deleteIfExists(program);
            Files.deleteIfExists(program.getParent());
            Files.deleteIfExists(Path.of("/tmp/perf-" + pid() + ".map"));
        } catch (IOException _) {
            // something left in the directory for such files
        }
    }

    private static void stop(Process process) {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException _) {
            process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
