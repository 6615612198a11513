package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory as the root of a process, with the links that a hostile one may put there. */
class PathFdTest {
    @TempDir
    private Path root;

    private PathFd directory;

    @BeforeEach
    void fill() throws Exception {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "inside");
        directory = PathFd.of(root.toString());
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void absoluteLinksBeginAtTheRoot() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(root.resolve("folder"), Path.of("/etc"));
        for (String path : new String[] {"/etc/passwd", "etc/passwd", "/link", "/folder/passwd"}) {
            assertThat(read(path)).isEqualTo("inside");
        }
    }

    @Test
    void dotsDoNotLeadOut() throws Exception {
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../etc/passwd"));
        assertThat(read("/../../../../../../etc/passwd")).isEqualTo("inside");
        assertThat(read("/up")).isEqualTo("inside");
    }

    @Test
    void linksOfProcLeadAnywhereAndAreNotFollowed() {
        try (PathFd ours = PathFd.of("/")) {
            expect(Errno.ELOOP, () -> ours.below("/proc/self/root/etc"));
            expect(Errno.ELOOP, () -> ours.below("/proc/self/exe"));
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anEntryIsNoLink() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), Path.of("etc"));
        expect(Errno.ELOOP, () -> directory.entry("link"));
        expect(Errno.ENOENT, () -> directory.entry("nothing"));
        expect(Errno.EXDEV, () -> directory.entry("../" + root.getFileName()));
    }

    @Test
    void whatWasFoundStaysWhateverBecomesOfItsName() throws Exception {
        try (PathFd found = directory.below("/etc/passwd")) {
            Files.delete(root.resolve("etc/passwd"));
            Files.writeString(root.resolve("etc/passwd"), "another");
            assertThat(Files.readString(found.path())).isEqualTo("inside");
        }
    }

    @Test
    void aNewFileTakesNobodysName() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), root.resolve("created"));
        for (String taken : new String[] {"link", "etc"}) {
            expect(Errno.EEXIST, () -> directory.create(taken, 0600));
        }
        assertThat(root.resolve("created")).doesNotExist();
        try (Fd file = directory.create("file", 0600)) {
            Files.writeString(file.path(), "new");
        }
        assertThat(root.resolve("file")).hasContent("new");
    }

    private String read(String path) throws Exception {
        try (PathFd found = directory.below(path)) {
            return Files.readString(found.path());
        }
    }

    private interface Call {
        AutoCloseable run() throws LinuxException;
    }

    private static void expect(Errno errno, Call call) {
        assertThatThrownBy(() -> call.run().close())
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
