package io.perfagent.service;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The files of a directory that runs have written there, the oldest first, and which of them have to go. How old those of this run are is
 * told by CLOCK_MONOTONIC, since the clock on the wall may be set; of earlier runs nothing but that is known, once, at the start.
 * Files of other names, links, and what lies below are never touched. One thread at a time.
 */
class KeptFiles {
    /** Older than any file is kept; nanoseconds have room for it. */
    private static final Duration OLDEST = Duration.ofDays(36_500);

    private final Path directory;
    private final Pattern ours;
    private final Deque<Kept> files = new ArrayDeque<>();
    private long bytes;
    private long tooOld;
    private long tooMany;
    private long stuck;

    /** {@code born} is CLOCK_MONOTONIC. */
    private record Kept(String name, long bytes, long born) {}

    /** @param ours which names are those of files that may be removed */
    KeptFiles(Path directory, Pattern ours) {
        this.directory = directory;
        this.ours = ours;
    }

    /** Finds those of earlier runs. */
    void read(long nowMillis, long nowNanos) throws IOException {
        List<Kept> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path path : all) {
                String name = path.getFileName().toString();
                if (ours.matcher(name).matches()) {
                    add(found, path, nowMillis, nowNanos);
                }
            }
        }
        found.sort(Comparator.comparingLong(Kept::born).thenComparing(Kept::name));
        found.forEach(this::add);
    }

    /** One that says to be of the future is new. */
    private static void add(List<Kept> found, Path path, long nowMillis, long nowNanos) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (file.isRegularFile()) {
                long written = Math.clamp(file.lastModifiedTime().toMillis(), nowMillis - OLDEST.toMillis(), nowMillis);
                found.add(new Kept(
                        path.getFileName().toString(),
                        file.size(),
                        nowNanos - Duration.ofMillis(nowMillis - written).toNanos()));
            }
        } catch (NoSuchFileException _) {
            // removed meanwhile
        }
    }

    /** One has been written. */
    void add(Path file, long nowNanos) throws IOException {
        add(new Kept(file.getFileName().toString(), Files.size(file), nowNanos));
    }

    private void add(Kept file) {
        files.add(file);
        bytes += file.bytes;
    }

    /** Removes what is older, and of what is left the oldest until the rest fits; the newest stay, however large they are. */
    void prune(long nowNanos, Duration keepFor, long keepBytes, int newest) {
        while (files.size() > newest) {
            Kept oldest = files.getFirst();
            boolean old = nowNanos - oldest.born > keepFor.toNanos();
            if (!old && bytes <= keepBytes) {
                return;
            }
            files.removeFirst();
            boolean removed = remove(directory.resolve(oldest.name));
            bytes -= oldest.bytes;
            tooOld += removed && old ? 1 : 0;
            tooMany += removed && !old ? 1 : 0;
        }
    }

    /** Somebody may have put something else in its place, or not let it go: then the others go nevertheless. */
    private boolean remove(Path file) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && delete(file);
        } catch (IOException _) {
            stuck++;
            return false;
        }
    }

    /** For tests of file systems that refuse. */
    boolean delete(Path file) throws IOException {
        return Files.deleteIfExists(file);
    }

    /** The name of the last one; {@code ""} where there is none. */
    String newest() {
        return files.isEmpty() ? "" : files.getLast().name;
    }

    int files() {
        return files.size();
    }

    long bytes() {
        return bytes;
    }

    /** Removed for their age. */
    long tooOld() {
        return tooOld;
    }

    /** Removed for want of room. */
    long tooMany() {
        return tooMany;
    }

    /** Not removed, for the file system refuses that; of no account any more. */
    long stuck() {
        return stuck;
    }
}
