package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/** The clock on the wall as one process sees it, which is set without anybody else's being set. */
public final class ClockOfOne {
    private static final Path SOURCE = Path.of("src", "test", "c", "clock.c").toAbsolutePath();

    private final Path library;
    private final Path file;

    private ClockOfOne(Path library, Path file) {
        this.library = library;
        this.file = file;
    }

    /** One that is right. */
    public static ClockOfOne in(Path directory) throws IOException, InterruptedException {
        ClockOfOne clock = new ClockOfOne(directory.resolve("clock.so"), directory.resolve("ahead"));
        var _ = Tool.output(
                "gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", clock.library.toString(), SOURCE.toString());
        clock.set(Duration.ZERO);
        return clock;
    }

    /** Of the process whose clock it is to be. */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "CLOCK_FILE", file.toString());
    }

    /** By how much it is ahead of the right one from now on. */
    public void set(Duration ahead) throws IOException {
        Path next = Files.writeString(file.resolveSibling("ahead.next"), Long.toString(ahead.toSeconds()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
