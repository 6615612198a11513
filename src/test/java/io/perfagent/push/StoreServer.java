package io.perfagent.push;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;

/** A server as a process, which is killed and started again. */
final class StoreServer implements AutoCloseable {
    private static final int MOST_LOOKS = 1200;

    private final List<String> command;
    private final Path directory;
    private final String ready;
    private Process process;

    private StoreServer(List<String> command, Path directory, String ready, Process process) {
        this.command = command;
        this.directory = directory;
        this.ready = ready;
        this.process = process;
    }

    /** @param ready an address that is there once it takes requests, whatever it answers */
    static StoreServer start(List<String> command, Path directory, String ready) throws Exception {
        StoreServer server = new StoreServer(command, directory, ready, launched(command, directory));
        server.awaitReady();
        return server;
    }

    private static Process launched(List<String> command, Path directory) throws IOException {
        File log = directory.resolve("server.log").toFile();
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private void awaitReady() throws Exception {
        for (int look = 0; look < MOST_LOOKS; look++) {
            if (!process.isAlive()) {
                throw new AssertionError(command + " has ended: see " + directory.resolve("server.log"));
            }
            try {
                byte[] _ = get(ready);
                return;
            } catch (IOException _) {
                Thread.sleep(100);
            }
        }
        throw new AssertionError(command + " does not come up");
    }

    /** As a machine that goes down does it. */
    void kill() {
        process.destroyForcibly();
        ProcessHandle _ = process.toHandle().onExit().join();
    }

    void startAgain() throws Exception {
        process = launched(command, directory);
        awaitReady();
    }

    static byte[] get(String address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(address)).build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body();
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
