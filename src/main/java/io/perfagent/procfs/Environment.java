package io.perfagent.procfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code /proc/<pid>/environ} (proc_pid_environ(5)): what a process was started with, or has written there since. It holds secrets, so only
 * what is asked for by name is kept.
 */
public final class Environment {
    /** What the kernel allows one variable (MAX_ARG_STRLEN) times 8; more is not read. */
    private static final int MOST_BYTES = 8 * (128 << 10);

    private Environment() {}

    /** Those of {@code wanted} that are there. */
    public static Map<String, String> read(int pid, Set<String> wanted) throws IOException {
        try (InputStream file = Files.newInputStream(Path.of("/proc", Integer.toString(pid), "environ"))) {
            return parse(new String(file.readNBytes(MOST_BYTES), StandardCharsets.UTF_8), wanted);
        }
    }

    /** Of two of one name the first, as getenv(3) has it. */
    static Map<String, String> parse(String text, Set<String> wanted) {
        Map<String, String> found = new HashMap<>();
        for (String variable : text.split("\0", -1)) {
            int equals = variable.indexOf('=');
            String name = equals < 0 ? variable : variable.substring(0, equals);
            if (equals > 0 && wanted.contains(name)) {
                found.putIfAbsent(name, variable.substring(equals + 1));
            }
        }
        return found;
    }
}
