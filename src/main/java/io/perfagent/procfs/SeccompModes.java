package io.perfagent.procfs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Which threads of a process are under seccomp(2). All of them are as a rule, but each may have entered a filter by itself. */
public final class SeccompModes {
    /** May read, write, return from a signal handler and exit. */
    public static final int STRICT = 1;
    /** Runs programs over each system call. */
    public static final int FILTER = 2;

    private SeccompModes() {}

    /** Modes of the threads that have one, by their IDs. */
    public static Map<Integer, Integer> read(int pid) throws IOException {
        Map<Integer, Integer> modes = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path task : tasks) {
                int tid = Integer.parseInt(task.getFileName().toString());
                int mode = mode(task, tid);
                if (mode != 0) {
                    modes.put(tid, mode);
                }
            }
        }
        return modes;
    }

    private static int mode(Path task, int tid) throws IOException {
        try {
            return ProcStatus.read(tid).seccompMode();
        } catch (IOException e) {
            if (Files.exists(task)) {
                throw e;
            }
            return 0; // ended meanwhile
        }
    }
}
