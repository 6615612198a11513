package io.perfagent.process;

import io.perfagent.procfs.ProcStat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All processes that there are at the moment. */
public final class Processes {
    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /** The PIDs of all, kernel threads included, in no order. */
    public static List<Integer> pids() throws IOException {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path entry : entries) {
                found.add(Integer.parseInt(entry.getFileName().toString()));
            }
        }
        return found;
    }

    /** In ascending order of PIDs. Kernel threads, which have no memory of their own, are left out. */
    public static List<LiveProcess> all() throws IOException {
        List<LiveProcess> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path entry : entries) {
                add(Integer.parseInt(entry.getFileName().toString()), found);
            }
        }
        found.sort((one, other) -> Integer.compare(one.pid(), other.pid()));
        return found;
    }

    private static void add(int pid, List<LiveProcess> found) {
        try {
            ProcStat stat = ProcStat.read(pid);
            if (!stat.kernelThread()) {
                found.add(new LiveProcess(pid, stat.startTime(), stat.comm()));
            }
        } catch (IOException _) {
            // has ended since
        }
    }
}
