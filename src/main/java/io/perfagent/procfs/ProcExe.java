package io.perfagent.procfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code /proc/<pid>/exe}: the file that a process executes. */
public final class ProcExe {
    private static final String DELETED = " (deleted)";

    private ProcExe() {}

    /** Its path, as the process's mappings show it: without the mark of one whose name is gone. */
    public static String path(int pid) throws IOException {
        String path = Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe"))
                .toString();
        return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    }
}
