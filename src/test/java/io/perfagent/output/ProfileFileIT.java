package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full or read-only: a file system of the test's own. Needs root to mount it. */
class ProfileFileIT {
    @TempDir
    Path directory;

    @BeforeEach
    void mount() throws Exception {
        Tool.output("mount", "-t", "tmpfs", "-o", "size=128k", "perf-agent-test", directory.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        Tool.output("umount", directory.toString());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void assertFull(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("No space left on device; free some")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aDiskThatFillsUpLeavesNothingBehind() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        ProfileFile file = ProfileFile.at(directory.resolve("out.pb.gz"));
        file.check();
        assertFull(() -> file.write(out -> out.write(large)));
        assertThat(files()).isEmpty();
    }

    @Test
    void aFullDiskIsFoundBeforeTheRun() throws Exception {
        Path filler = directory.resolve("filler");
        Files.write(filler, new byte[110 << 10]);
        ProfileFile file = ProfileFile.at(directory.resolve("out.pb.gz"));
        assertFull(file::check);
        assertThat(files()).containsExactly(filler);
    }

    @Test
    void aReadOnlyDiskIsNamed() throws Exception {
        Tool.output("mount", "-o", "remount,ro", directory.toString());
        assertThatThrownBy(() -> ProfileFile.at(directory.resolve("out.pb.gz")).check())
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("Read-only file system; choose another --profile-output");
    }
}
