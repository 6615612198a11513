package io.perfagent.python;

import io.perfagent.targetfs.TargetTmp;
import io.perfagent.targetfs.TmpFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The file in which an interpreter names its trampolines: {@code /tmp/perf-<pid>.map} of the target's own root, under the PID
 * that the target itself sees. CPython flushes every line, appends to a file that is there, and never deletes it.
 */
public final class PerfMapFile {
    /** Beyond this size, which 100 million functions do not reach, lines are not counted. */
    private static final long MAX_COUNTED_BYTES = 1L << 32;

    private PerfMapFile() {}

    /** Lines that the file of a process has now, one for each function named; 0 without a file to trust. */
    public static long entries(int pid) throws IOException {
        try (TargetTmp tmp = TargetTmp.open(pid)) {
            return switch (tmp.read(tmp.mapName())) {
                case TmpFile.Open(FileChannel channel) -> {
                    try (channel) {
                        yield entries(channel);
                    }
                }
                case TmpFile.Missing _, TmpFile.Refused _ -> 0;
            };
        }
    }

    /** Its length; 0 without a file to trust. */
    public static long bytes(int pid) throws IOException {
        try (TargetTmp tmp = TargetTmp.open(pid)) {
            return switch (tmp.read(tmp.mapName())) {
                case TmpFile.Open(FileChannel channel) -> {
                    try (channel) {
                        yield channel.size();
                    }
                }
                case TmpFile.Missing _, TmpFile.Refused _ -> 0;
            };
        }
    }

    private static long entries(FileChannel map) throws IOException {
        long entries = 0;
        ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
        while (map.position() < MAX_COUNTED_BYTES && map.read(chunk.clear()) > 0) {
            entries += lineEnds(chunk.flip());
        }
        return entries;
    }

    private static int lineEnds(ByteBuffer chunk) {
        int found = 0;
        while (chunk.hasRemaining()) {
            if (chunk.get() == '\n') {
                found++;
            }
        }
        return found;
    }
}
