package io.perfagent.targetfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files in a directory where others may put links in their place at any moment; here our own /tmp. */
@Timeout(60)
class TargetTmpTest {
    private static final int PID = (int) ProcessHandle.current().pid();
    private static final String NAME = "perf-agent-test-" + PID;
    private static final Path PATH = Path.of("/tmp", NAME);
    private static final int ROUNDS = 3000;

    @TempDir
    private Path directory;

    private Path victim;
    private TargetTmp tmp;

    @BeforeEach
    void open() throws IOException {
        victim = Files.writeString(directory.resolve("victim"), "1000 10 stolen\n");
        Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
        tmp = TargetTmp.open(PID);
    }

    @AfterEach
    void close() throws IOException {
        tmp.close();
        Files.deleteIfExists(PATH);
    }

    @Test
    void aFileIsWrittenInThePlaceOfALink() throws Exception {
        Files.createSymbolicLink(PATH, victim);
        tmp.write(NAME, "ours");
        assertThat(PATH).hasContent("ours");
        assertThat(Files.isRegularFile(PATH, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(Files.getPosixFilePermissions(PATH)).isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
        tmp.remove(NAME);
        assertThat(PATH).doesNotExist();
        expectVictimUntouched();
    }

    @Test
    void aLinkThatComesAtAnyMomentIsNotFollowed() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread hostile = Thread.ofPlatform().start(() -> swap(done));
        int written = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                tmp.write(NAME, "ours");
                written++;
            } catch (IOException _) {
                // The name was taken between two of our steps.
            }
            expectNothingStolen(tmp.read(NAME));
        }
        done.set(true);
        hostile.join();
        assertThat(written).isPositive();
        expectVictimUntouched();
    }

    /** The file may be read before it has been written. */
    private static void expectNothingStolen(TmpFile file) throws IOException {
        if (file instanceof TmpFile.Open(FileChannel channel)) {
            try (channel) {
                assertThat(channel.size()).isLessThanOrEqualTo("ours".length());
            }
        }
    }

    private void swap(AtomicBoolean done) {
        while (!done.get()) {
            try {
                Files.deleteIfExists(PATH);
                Files.createSymbolicLink(PATH, victim);
            } catch (FileAlreadyExistsException | NoSuchFileException _) {
                // We were first.
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void expectVictimUntouched() throws IOException {
        assertThat(victim).hasContent("1000 10 stolen\n");
        assertThat(Files.getPosixFilePermissions(victim)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
