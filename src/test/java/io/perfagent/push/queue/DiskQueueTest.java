package io.perfagent.push.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.push.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits survives the program, has a bound, and is never sent twice. */
class DiskQueueTest {
    private static final long ROOM = 1 << 20;
    private static final int BODY = 1000;

    @TempDir
    Path parent;

    private Path directory;

    @BeforeEach
    void choose() {
        directory = parent.resolve("queue");
    }

    private static Request request(int number) {
        byte[] body = new byte[BODY];
        body[0] = (byte) number;
        return new Request("/push", "application/json", "", 3, body);
    }

    private static List<Integer> drained(DiskQueue queue) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (DiskQueue.Queued next = queue.next(); next != null; next = queue.next()) {
            numbers.add((int) next.request().body()[0]);
            queue.done(next);
        }
        return numbers;
    }

    private long filesOfOurs() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.endsWith("lock")).count();
        }
    }

    @Test
    void whatWaitsIsThereForTheNextProgram() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            queue.add(request(1));
            queue.add(request(2));
        }
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            queue.add(request(3));
            assertThat(queue.profiles()).isEqualTo(9);
            DiskQueue.Queued first = Objects.requireNonNull(queue.next());
            assertThat(first.request().path()).isEqualTo("/push");
            assertThat(first.request().profiles()).isEqualTo(3);
            queue.putBack(first);
            assertThat(drained(queue)).containsExactly(1, 2, 3);
            assertThat(queue.counts()).isEqualTo(new DiskQueue.Counts(0, 0, 0, 0));
        }
        assertThat(filesOfOurs()).isZero();
        assertThat(Files.getPosixFilePermissions(directory)).hasSize(3);
    }

    @Test
    void theOldestGoesWhereThereIsNoRoom() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, 3 * (BODY + 200))) {
            for (int number = 1; number <= 10; number++) {
                queue.add(request(number));
                assertThat(queue.bytes()).isLessThanOrEqualTo(3 * (BODY + 200));
            }
            assertThat(filesOfOurs()).isEqualTo(3);
            assertThat(drained(queue)).containsExactly(8, 9, 10);
            assertThat(queue.counts().dropped()).isEqualTo(7 * 3);
        }
    }

    @Test
    void oneThatComesBackWhenTheRoomIsTakenIsTheOldest() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, 2 * (BODY + 200))) {
            queue.add(request(1));
            queue.add(request(2));
            DiskQueue.Queued first = Objects.requireNonNull(queue.next());
            queue.add(request(3));
            queue.putBack(first);
            assertThat(drained(queue)).containsExactly(2, 3);
            assertThat(queue.counts().dropped()).isEqualTo(3);
        }
    }

    @Test
    void damagedFilesAreLeftOutAndCounted() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            for (int number = 1; number <= 4; number++) {
                queue.add(request(number));
            }
        }
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.filter(file -> file.toString().endsWith(".request"))
                    .sorted()
                    .toList();
        }
        byte[] flipped = Files.readAllBytes(files.getFirst());
        flipped[flipped.length / 2] ^= 1;
        Files.write(files.getFirst(), flipped);
        Files.write(files.get(1), new byte[0]);
        Files.writeString(directory.resolve("somebody-elses.request"), "stays");
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            assertThat(drained(queue)).containsExactly(3, 4);
            assertThat(queue.counts()).isEqualTo(new DiskQueue.Counts(0, 6, 0, 0));
        }
        assertThat(filesOfOurs()).isEqualTo(1);
    }

    /** A store counts twice what it gets twice. */
    @Test
    void whatWasBeingSentWhenTheProgramEndedIsNotSentAgain() throws IOException {
        DiskQueue before = DiskQueue.open(directory, ROOM);
        try (before) {
            before.add(request(1));
            before.add(request(2));
            assertThat(before.next()).isNotNull();
        }
        assertThat(before.counts().unconfirmed()).isEqualTo(3);
        assertThat(before.profiles()).as("that wait for the next program").isEqualTo(3);
        Files.writeString(directory.resolve("00000000000000ff-1.partial"), "half");
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            assertThat(drained(queue)).containsExactly(2);
            assertThat(queue.counts()).isEqualTo(new DiskQueue.Counts(0, 0, 3, 1));
        }
        assertThat(filesOfOurs()).isZero();
    }

    /** Sent without that, it would be sent twice by a program that is killed meanwhile. */
    @Test
    void whatCannotBeMarkedAsBeingSentStays() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            queue.add(request(1));
            queue.add(request(2));
            Path inTheWay = Files.createDirectory(directory.resolve("0000000000000001-3.sending"));
            Files.createFile(inTheWay.resolve("file"));
            assertThatThrownBy(queue::next).isInstanceOf(IOException.class);
            assertThat(queue.profiles()).isEqualTo(6);
            Files.delete(inTheWay.resolve("file"));
            Files.delete(inTheWay);
            assertThat(drained(queue)).containsExactly(1, 2);
            assertThat(queue.counts()).isEqualTo(new DiskQueue.Counts(0, 0, 0, 0));
        }
    }

    @Test
    void oneProgramSendsFromADirectory() throws IOException {
        try (DiskQueue queue = DiskQueue.open(directory, ROOM)) {
            assertThatThrownBy(() -> DiskQueue.open(directory, ROOM)).isInstanceOf(IOException.class);
            queue.add(request(1));
        }
        DiskQueue.open(directory, ROOM).close();
    }

    @Test
    void aLinkIsNoDirectoryOfOurs() throws IOException {
        Files.createDirectory(parent.resolve("elsewhere"));
        Files.createSymbolicLink(directory, parent.resolve("elsewhere"));
        assertThatThrownBy(() -> DiskQueue.open(directory, ROOM)).isInstanceOf(IOException.class);
    }
}
