package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** PostgreSQL in a root of its own, with a fresh database, run by a user that owns nothing else. */
final class PostgresServer implements AutoCloseable {
    private static final String USER = "65534:65534";
    private static final String PROGRAMS = "/usr/lib/postgresql/17/bin/";

    private final Path root;
    private final Path data;
    private final int port;
    private final Process process;

    private PostgresServer(Path root, Path data, int port, Process process) {
        this.root = root;
        this.data = data;
        this.port = port;
        this.process = process;
    }

    /**
     * Returns when it takes connections.
     *
     * @param root as {@code scripts/postgres} makes it
     */
    static PostgresServer start(Path root) throws IOException, InterruptedException {
        Path data = Files.createTempDirectory(root.resolve("tmp"), "database");
        String inside = "/" + root.relativize(data);
        Tool.output("chown", USER, data.toString());
        Tool.output(
                inRoot(root, "initdb", "-A", "trust", "-U", "shop", "--locale=C", "-E", "UTF8", "-D", inside), root);
        int port = freePort();
        Process process = new ProcessBuilder(inRoot(
                        root, "postgres", "-D", inside, "-p", Integer.toString(port), "-k", inside, "-h", "127.0.0.1"))
                .redirectErrorStream(true)
                .start();
        PostgresServer server = new PostgresServer(root, data, port, process);
        server.awaitReady();
        return server;
    }

    private static List<String> inRoot(Path root, String program, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("chroot", "--userspec=" + USER, root.toString(), PROGRAMS + program));
        command.addAll(List.of(arguments));
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.contains("ready to accept connections")) {
                Thread.ofPlatform().daemon().start(() -> lines.lines().forEach(_ -> {}));
                return;
            }
        }
        throw new AssertionError("PostgreSQL does not start: " + said);
    }

    /** Of the process that starts one for each connection. */
    long pid() {
        return process.pid();
    }

    /** As libpq wants it. */
    String address() {
        return "host=127.0.0.1 port=" + port + " user=shop dbname=postgres";
    }

    @Override
    public void close() throws IOException {
        try {
            boolean _ =
                    Tool.output("kill", "-QUIT", Long.toString(process.pid())).isEmpty();
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
                    .as("PostgreSQL ends")
                    .isTrue();
            Tool.output(List.of("rm", "-r", data.toString()), root);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.toString());
        }
    }
}
