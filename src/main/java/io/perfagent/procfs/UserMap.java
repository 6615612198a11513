package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Users of a process's user namespace (user_namespaces(7)), {@code /proc/<pid>/uid_map}:
 *
 * <pre>
 *            0     100000      65536
 *   first inside, first of ours, count
 * </pre>
 */
public final class UserMap {
    /** No user of ours. */
    public static final int NONE = -1;

    private UserMap() {}

    /** Our number of the namespace's root, 0 for a process in our own; {@link #NONE} where it has none. */
    public static int root(int pid) throws IOException {
        return root(Files.readString(Path.of("/proc", Integer.toString(pid), "uid_map"), StandardCharsets.US_ASCII));
    }

    /** Whether this process is in a user namespace other than the machine's first one, which maps every user to itself. */
    public static boolean ofChildNamespace() {
        try {
            return !coversAll(Files.readString(Path.of("/proc/self/uid_map"), StandardCharsets.US_ASCII));
        } catch (IOException _) {
            return false;
        }
    }

    /** Whether the file's text is that of the first namespace. */
    public static boolean coversAll(String text) {
        return text.strip().replaceAll("\\s+", " ").equals("0 0 4294967295");
    }

    /** As {@link #root(int)}, from the file's text. */
    public static int root(String text) {
        for (String line : Lines.of(text)) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length == 3 && fields[0].equals("0")) {
                return Integer.parseUnsignedInt(fields[1]);
            }
        }
        return NONE;
    }
}
