package io.perfagent.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code kernel.bpf_stats_enabled}, on while this is open, then what it was; after Ctrl-C too. */
final class BpfStats implements AutoCloseable {
    private static final Path SWITCH = Path.of("/proc/sys/kernel/bpf_stats_enabled");

    private final String before;
    private final Thread atExit = new Thread(this::restore, "bpf-stats-restore");

    BpfStats() throws IOException {
        before = Files.readString(SWITCH).strip();
        Runtime.getRuntime().addShutdownHook(atExit);
        Files.writeString(SWITCH, "1");
    }

    @Override
    public void close() {
        restore();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void restore() {
        try {
            Files.writeString(SWITCH, before);
        } catch (IOException e) {
            System.err.println("bench: cannot set " + SWITCH + " back to " + before + ": " + e.getMessage());
        }
    }
}
