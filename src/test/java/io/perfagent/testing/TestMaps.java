package io.perfagent.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;

/** The perf maps that the Pythons of a test have left in {@code /tmp}. */
public final class TestMaps {
    private TestMaps() {}

    /** Deletes those that have been written since and name a function. */
    public static void deleteThoseOf(String function, Instant since) throws IOException {
        try (DirectoryStream<Path> maps = Files.newDirectoryStream(Path.of("/tmp"), "perf-*.map")) {
            for (Path map : maps) {
                if (Files.isRegularFile(map, LinkOption.NOFOLLOW_LINKS)
                        && Files.getLastModifiedTime(map).toInstant().isAfter(since)
                        && Files.readString(map, StandardCharsets.ISO_8859_1).contains(function)) {
                    Files.delete(map);
                }
            }
        }
    }
}
