package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileFileTest {
    @TempDir
    Path directory;

    private static void content(OutputStream out) throws IOException {
        out.write("profile".getBytes(StandardCharsets.US_ASCII));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void refuses(Path path, String cause) throws IOException {
        List<String> before = names();
        ProfileFile file = ProfileFile.at(path);
        assertRefused(cause, file::check);
        assertRefused(cause, () -> file.write(ProfileFileTest::content));
        assertThat(names()).isEqualTo(before);
    }

    private static void assertRefused(String cause, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining(cause)
                .hasMessageContaining("--profile-output")
                .hasMessageNotContaining("\n");
    }

    @Test
    void theFileAppearsUnderItsNameOnly() throws Exception {
        Path path = directory.resolve("out.pb.gz");
        ProfileFile.at(path).write(ProfileFileTest::content);
        assertThat(path).hasContent("profile");
        assertThat(names()).containsExactly("out.pb.gz");
    }

    @Test
    void othersMayReadIt() throws Exception {
        Path path = directory.resolve("out.pb.gz");
        ProfileFile.at(path).write(ProfileFileTest::content);
        assertThat(Files.getPosixFilePermissions(path))
                .contains(PosixFilePermission.OWNER_READ, PosixFilePermission.OTHERS_READ)
                .doesNotContain(PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OWNER_EXECUTE);
    }

    @Test
    void aNameWithoutDirectoryIsInTheWorkingDirectory() throws Exception {
        Path path = Path.of("perf-agent-test-" + System.nanoTime() + ".pb.gz");
        try {
            ProfileFile.at(path).check();
            ProfileFile.at(path).write(ProfileFileTest::content);
            assertThat(path).hasContent("profile");
        } finally {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void nothingIsSeenWhileItIsWritten() throws Exception {
        Path path = Files.writeString(directory.resolve("out.pb.gz"), "yesterday");
        ProfileFile.at(path).write(out -> {
            content(out);
            assertThat(path).hasContent("yesterday");
            assertThat(names()).hasSize(2).anyMatch(name -> name.matches("out\\.pb\\.gz\\.[0-9a-f]{12}\\.partial"));
        });
        assertThat(path).hasContent("profile");
    }

    @Test
    void aFailureLeavesWhatWasThere() throws Exception {
        Path path = Files.writeString(directory.resolve("out.pb.gz"), "yesterday");
        assertThatThrownBy(() -> ProfileFile.at(path).write(out -> {
                    content(out);
                    throw new IOException("broken off");
                }))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("broken off");
        assertThat(path).hasContent("yesterday");
        assertThat(names()).containsExactly("out.pb.gz");
    }

    @Test
    void aBugInTheContentLeavesNothingEither() throws Exception {
        assertThatThrownBy(() -> ProfileFile.at(directory.resolve("out.pb.gz")).write(_ -> {
                    throw new IllegalStateException("bug");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void theCheckLeavesNothing() throws Exception {
        Path path = directory.resolve("out.pb.gz");
        ProfileFile.at(path).check();
        assertThat(names()).isEmpty();
        Files.writeString(path, "yesterday");
        ProfileFile.at(path).check();
        assertThat(path).hasContent("yesterday");
        assertThat(names()).containsExactly("out.pb.gz");
    }

    @Test
    void aLinkIsReplacedNotFollowed() throws Exception {
        Path target = Files.writeString(directory.resolve("precious"), "precious");
        Path path = Files.createSymbolicLink(directory.resolve("out.pb.gz"), target);
        ProfileFile.at(path).write(ProfileFileTest::content);
        assertThat(target).hasContent("precious");
        assertThat(path).isRegularFile().hasContent("profile");
        assertThat(Files.isSymbolicLink(path)).isFalse();
    }

    @Test
    void aDanglingLinkIsReplaced() throws Exception {
        Path path = Files.createSymbolicLink(directory.resolve("out.pb.gz"), directory.resolve("nowhere"));
        ProfileFile.at(path).write(ProfileFileTest::content);
        assertThat(names()).containsExactly("out.pb.gz");
        assertThat(path).hasContent("profile");
    }

    @Test
    void aPipeIsNeitherOpenedNorReplaced() throws Exception {
        Path pipe = directory.resolve("out.pb.gz");
        Tool.output("mkfifo", pipe.toString());
        refuses(pipe, "is a device or a pipe");
        Path link = Files.createSymbolicLink(directory.resolve("link"), pipe);
        refuses(link, "is a device or a pipe");
    }

    /** What others put in the way while the profile is being written, after all looks at the name. */
    @Test
    void whatIsPlantedMeanwhileIsNotOpened() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        Path path = directory.resolve("out.pb.gz");
        ProfileFile.at(path).write(out -> {
            content(out);
            Files.createSymbolicLink(path, precious);
        });
        assertThat(Files.isSymbolicLink(path)).isFalse();
        assertThat(path).hasContent("profile");
        Files.delete(path);
        ProfileFile.at(path).write(out -> {
            content(out);
            mkfifo(path);
        });
        assertThat(path).isRegularFile().hasContent("profile");
        assertThat(precious).hasContent("precious");
    }

    /** Where others may remove files, a link can take the place of the one that is being written: nothing goes through it. */
    @Test
    void aLinkUnderTheTemporaryNameIsNotFollowed() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "precious");
        ProfileFile.at(directory.resolve("out.pb.gz")).write(out -> {
            String partial = names().stream()
                    .filter(name -> name.endsWith(".partial"))
                    .findFirst()
                    .orElseThrow();
            Files.delete(directory.resolve(partial));
            Files.createSymbolicLink(directory.resolve(partial), precious);
            out.write(new byte[1 << 20]);
        });
        assertThat(precious).hasContent("precious");
    }

    /** Nobody can plant something under them beforehand. */
    @Test
    void temporaryNamesCannotBeForeseen() throws Exception {
        Set<String> seen = new HashSet<>();
        for (int run = 0; run < 100; run++) {
            ProfileFile.at(directory.resolve("out.pb.gz")).write(out -> seen.addAll(names()));
        }
        seen.remove("out.pb.gz");
        assertThat(seen).hasSize(100);
    }

    private static void mkfifo(Path path) throws IOException {
        try {
            Tool.output("mkfifo", path.toString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aMissingDirectoryIsNamed() throws Exception {
        refuses(directory.resolve("missing/out.pb.gz"), "the directory does not exist");
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Files.writeString(directory.resolve("file"), "");
        refuses(directory.resolve("file/out.pb.gz"), "Not a directory");
    }

    @Test
    void aDirectoryIsRefused() throws Exception {
        refuses(Files.createDirectory(directory.resolve("out.pb.gz")), "is a directory");
        refuses(Path.of("/"), "is a directory");
        refuses(Path.of(""), "is a directory");
    }

    @Test
    void devicesAndPipesAreRefusedAlsoBehindLinks() throws Exception {
        refuses(Path.of("/dev/null"), "is a device or a pipe");
        refuses(Path.of("/dev/full"), "is a device or a pipe");
        refuses(Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/full")), "is a device or a pipe");
        assertThat(Files.exists(Path.of("/dev/null"))).isTrue();
    }

    /** In /proc, where /dev/stdout, /dev/stderr and /dev/fd lead, whatever the descriptor is open on. */
    @Test
    void whatIsTheSystemsIsRefusedAlsoBehindLinks() throws Exception {
        Path open = Files.writeString(directory.resolve("open"), "");
        try (FileChannel file = FileChannel.open(open, StandardOpenOption.WRITE)) {
            assertThat(file.isOpen()).isTrue();
            Path descriptor = descriptorOf(open);
            refuses(descriptor, "or leads there, where nothing is replaced");
            Path link = Files.createSymbolicLink(directory.resolve("link"), descriptor);
            refuses(link, "or leads there, where nothing is replaced");
            refuses(
                    Files.createSymbolicLink(directory.resolve("second"), Path.of("link")),
                    "where nothing is replaced");
            assertThat(Files.readSymbolicLink(link)).isEqualTo(descriptor);
            refuses(Path.of("/dev/perf-agent-test"), "where nothing is replaced");
            refuses(Path.of("/dev/../dev/./perf-agent-test"), "where nothing is replaced");
            refuses(
                    Files.createSymbolicLink(directory.resolve("dev"), Path.of("/dev"))
                            .resolve("perf-agent-test"),
                    "where nothing is replaced");
        }
    }

    private static Path descriptorOf(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
                    return descriptor;
                }
            }
        }
        throw new AssertionError(file + " is not open");
    }

    @Test
    void aLoopOfLinksIsReplaced() throws Exception {
        Path path = Files.createSymbolicLink(directory.resolve("out.pb.gz"), Path.of("out.pb.gz"));
        ProfileFile.at(path).write(ProfileFileTest::content);
        assertThat(path).hasContent("profile");
    }

    @Test
    void aNameThatIsTooLongIsSaidSo() throws Exception {
        refuses(directory.resolve("x".repeat(250)), "File name too long");
    }
}
