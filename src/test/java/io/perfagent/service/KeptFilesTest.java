package io.perfagent.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files have to go, by clocks that the test sets. */
class KeptFilesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Pattern OURS = Pattern.compile("host-\\d+\\.pb\\.gz");
    private static final long ALL_FIT = Long.MAX_VALUE;
    /** Of the wall, and of the machine since its start. */
    private static final long NOW_MILLIS = 1_795_000_000_000L;

    private static final long NOW = Duration.ofDays(3).toNanos();

    @TempDir
    private Path directory;

    private Path file(String name, int bytes, Duration age) throws IOException {
        Path file = Files.write(directory.resolve(name), new byte[bytes]);
        return Files.setLastModifiedTime(file, FileTime.fromMillis(NOW_MILLIS - age.toMillis()));
    }

    private KeptFiles read() throws IOException {
        KeptFiles kept = new KeptFiles(directory, OURS);
        kept.read(NOW_MILLIS, NOW);
        return kept;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatIsTooOldGoes() throws Exception {
        file("host-1.pb.gz", 10, HOUR.plusSeconds(1));
        file("host-2.pb.gz", 10, HOUR.minusSeconds(1));
        KeptFiles kept = read();
        kept.prune(NOW, HOUR, ALL_FIT, 0);
        assertThat(names()).containsExactly("host-2.pb.gz");
        kept.prune(NOW + Duration.ofSeconds(2).toNanos(), HOUR, ALL_FIT, 0);
        assertThat(names()).isEmpty();
        assertThat(kept.tooOld()).isEqualTo(2);
        assertThat(kept.bytes()).isZero();
    }

    @Test
    void theOldestGoUntilTheRestFits() throws Exception {
        file("host-3.pb.gz", 10, Duration.ofMinutes(3));
        file("host-1.pb.gz", 10, Duration.ofMinutes(1));
        file("host-2.pb.gz", 10, Duration.ofMinutes(2));
        KeptFiles kept = read();
        kept.prune(NOW, HOUR, 25, 0);
        assertThat(names()).containsExactly("host-1.pb.gz", "host-2.pb.gz");
        assertThat(kept.tooMany()).isEqualTo(1);
        assertThat(kept.tooOld()).isZero();
    }

    /** As one that the file system protects (chattr +i), which needs a file system that does. */
    @Test
    void whatCannotBeRemovedKeepsNoOther() throws Exception {
        Path protectedOne = file("host-1.pb.gz", 10, HOUR.plusSeconds(2));
        file("host-2.pb.gz", 10, HOUR.plusSeconds(1));
        file("host-3.pb.gz", 10, HOUR.minusSeconds(1));
        KeptFiles kept = new KeptFiles(directory, OURS) {
            @Override
            boolean delete(Path file) throws IOException {
                if (file.equals(protectedOne)) {
                    throw new AccessDeniedException(file.toString());
                }
                return super.delete(file);
            }
        };
        kept.read(NOW_MILLIS, NOW);
        kept.prune(NOW, HOUR, ALL_FIT, 0);
        assertThat(names()).containsExactly("host-1.pb.gz", "host-3.pb.gz");
        assertThat(kept.stuck()).isEqualTo(1);
        assertThat(kept.tooOld()).isEqualTo(1);
        assertThat(kept.files()).isEqualTo(1);
    }

    /** A clock may be wrong by any time; nanoseconds count 292 years. */
    @Test
    void whatIsOlderThanNanosecondsCountIsOld() throws Exception {
        file("host-1.pb.gz", 10, Duration.ZERO);
        KeptFiles kept = new KeptFiles(directory, OURS);
        kept.read(NOW_MILLIS + Duration.ofDays(200_000).toMillis(), NOW);
        kept.prune(NOW, HOUR, ALL_FIT, 0);
        assertThat(names()).isEmpty();
    }

    /** A clock that was wrong when they were written makes none of them older than the rest. */
    @Test
    void aFileOfTheFutureIsNew() throws Exception {
        file("host-1.pb.gz", 10, Duration.ofDays(-400));
        file("host-2.pb.gz", 10, Duration.ofMinutes(50));
        KeptFiles kept = read();
        kept.prune(NOW + Duration.ofMinutes(20).toNanos(), HOUR, ALL_FIT, 0);
        assertThat(names()).containsExactly("host-1.pb.gz");
    }

    /** What a run writes has its age by the machine's clock, whatever is on the wall: the file says to be of long ago, or of years to come. */
    @Test
    void aClockThatIsSetRemovesNothing() throws Exception {
        KeptFiles kept = read();
        kept.add(file("host-1.pb.gz", 10, Duration.ofDays(9_000)), NOW);
        kept.add(file("host-2.pb.gz", 10, Duration.ofDays(-9_000)), NOW + 1);
        kept.prune(NOW + HOUR.toNanos() / 2, HOUR, ALL_FIT, 1);
        assertThat(names()).containsExactly("host-1.pb.gz", "host-2.pb.gz");
        kept.prune(NOW + HOUR.toNanos() / 2, HOUR, 15, 1);
        assertThat(names()).containsExactly("host-2.pb.gz");
    }

    @Test
    void nothingElseIsTouched() throws Exception {
        Path other = file("other-1.pb.gz", 1000, Duration.ofDays(30));
        Path target = file("precious", 1000, Duration.ofDays(30));
        Files.createSymbolicLink(directory.resolve("host-1.pb.gz"), target);
        Files.createDirectory(directory.resolve("host-2.pb.gz"));
        Path replaced = file("host-3.pb.gz", 10, Duration.ofDays(30));
        KeptFiles kept = read();
        Files.delete(replaced);
        Files.createSymbolicLink(replaced, target);
        kept.prune(NOW, HOUR, 0, 0);
        assertThat(names())
                .containsExactly("host-1.pb.gz", "host-2.pb.gz", "host-3.pb.gz", "other-1.pb.gz", "precious");
        assertThat(other).exists();
        assertThat(kept.tooOld()).isZero();
    }

    @Test
    void theNewestStays() throws Exception {
        KeptFiles kept = read();
        kept.add(file("host-1.pb.gz", 10, Duration.ZERO), NOW);
        kept.add(file("host-2.pb.gz", 1000, Duration.ZERO), NOW);
        kept.prune(NOW, HOUR, 100, 1);
        assertThat(names()).containsExactly("host-2.pb.gz");
    }
}
