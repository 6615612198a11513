package io.perfagent.python;

import io.perfagent.procfs.ProcLimits;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The descriptor that a process's map would get: the lowest that is free. It must be there, and be nobody else's. */
final class MapDescriptor {
    /** The program itself is to find some as well while the map has one. */
    private static final int SPARE = 16;

    private static final String[] STANDARD = {"standard input", "standard output", "standard error"};
    private static final String[] REDIRECTED = {"</dev/null", ">/dev/null", "2>/dev/null"};

    private MapDescriptor() {}

    /** Why there is none to use, in one line; null where there is. */
    static @Nullable String obstacle(int pid) throws IOException {
        Path descriptors = Path.of("/proc", Integer.toString(pid), "fd");
        for (int number = 0; number < STANDARD.length; number++) {
            if (!Files.exists(descriptors.resolve(Integer.toString(number)), LinkOption.NOFOLLOW_LINKS)) {
                return "the target's " + STANDARD[number]
                        + " is closed, and its map would get that descriptor; start it with " + REDIRECTED[number];
            }
        }
        long limit = ProcLimits.read(pid).soft(ProcLimits.OPEN_FILES);
        long open = open(descriptors, limit);
        return open <= limit - SPARE
                ? null
                : "the target has " + open + " of the " + limit
                        + " descriptors open that it may have; start it with more (ulimit -n)";
    }

    private static long open(Path descriptors, long limit) throws IOException {
        long open = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
            for (Path _ : entries) {
                if (++open > limit) {
                    break;
                }
            }
        }
        return open;
    }
}
