package io.perfagent.push;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** This machine. */
final class Host {
    private static final Path NAME = Path.of("/proc/sys/kernel/hostname");

    private Host() {}

    /** As the kernel has it; in a pod the node's, where the downward API says it. */
    static String name() {
        String node = System.getenv("NODE_NAME");
        if (node != null && !node.isBlank()) {
            return node;
        }
        try {
            return Files.readString(NAME, StandardCharsets.UTF_8).strip();
        } catch (IOException _) {
            return "";
        }
    }
}
