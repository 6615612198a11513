package io.perfagent.python;

import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.ProcStatus;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The file in which an interpreter names its trampolines: {@code /tmp/perf-<pid>.map} of the target's own root, under the PID
 * that the target itself sees. CPython flushes every line, appends to a file that is there, and never deletes it.
 */
public final class PerfMapFile {
    /** Beyond this size, which 100 million functions do not reach, lines are not counted. */
    private static final long MAX_COUNTED_BYTES = 1L << 32;

    private final Path path;

    private PerfMapFile(Path path) {
        this.path = path;
    }

    /** Where the file of a process is, or would be. Throws when the process is gone. */
    public static PerfMapFile of(int pid) throws IOException {
        int inner = ProcStatus.read(pid).innermostPid(pid);
        return new PerfMapFile(MappedFile.belowRoot(pid, "/tmp/perf-" + inner + ".map"));
    }

    /** As reached from here: below {@code /proc/<pid>/root}, and so only while the process lives. */
    public Path path() {
        return path;
    }

    /** Bytes it has now, 0 where it is missing or anything but a regular file. */
    public long bytes() throws IOException {
        return isRegular() ? Files.size(path) : 0;
    }

    /** Lines it has now, one for each function named. */
    public long entries() throws IOException {
        long entries = 0;
        long left = Math.min(bytes(), MAX_COUNTED_BYTES);
        if (left == 0) {
            return 0;
        }
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS))) {
            for (int count = in.read(chunk); count > 0 && left > 0; count = in.read(chunk)) {
                entries += lineEnds(chunk, count);
                left -= count;
            }
        }
        return entries;
    }

    /** The target may have put a link or a pipe in its place. */
    private boolean isRegular() {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static int lineEnds(byte[] chunk, int count) {
        int found = 0;
        for (int index = 0; index < count; index++) {
            if (chunk[index] == '\n') {
                found++;
            }
        }
        return found;
    }
}
