package io.perfagent.targetfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files by their names. A mapping that ends a page early has none in {@code map_files}, so that the way by name is taken, whatever
 * rights the test has.
 */
@Timeout(60)
class MappedFileTest {
    private static final String SOURCE = "int main(void) { for (;;) __builtin_ia32_pause(); }";

    @TempDir
    private Path directory;

    private Path program;
    private Process target;
    private int pid;

    @BeforeEach
    void start() throws Exception {
        start("-Wl,--build-id=0xabcdef01");
    }

    private void start(String option) throws Exception {
        program = build("program", SOURCE, option);
        target = new ProcessBuilder(program.toString()).start();
        pid = (int) target.pid();
        while (!isMapped()) {
            Thread.onSpinWait(); // until exec
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        target.destroyForcibly().waitFor();
    }

    @Test
    void theFileOfTheSameDeviceAndInode() throws Exception {
        try (ElfFile file = MappedFile.open(pid, mapping(program))) {
            assertThat(file.buildId()).hasToString("abcdef01");
        }
    }

    /** As an overlay or btrfs shows a file: another device than in maps, the same bytes. */
    @Test
    void aFileOfOtherNumbersAndTheSameBuild() throws Exception {
        Path copy = Files.copy(program, directory.resolve("copy"));
        try (ElfFile file = MappedFile.open(pid, mapping(copy))) {
            assertThat(file.buildId()).hasToString("abcdef01");
        }
    }

    @Test
    void aFileOfAnotherBuildIsNotTheMappedOne() throws Exception {
        Path other = build("other", SOURCE, "-Wl,--build-id=0xabcdef02");
        expectMiss(other, FileMiss.REPLACED);
    }

    @Test
    void withoutBuildIdTheCodeIsCompared() throws Exception {
        stop();
        start("-Wl,--build-id=none");
        Path copy = Files.copy(program, directory.resolve("copy"));
        try (ElfFile file = MappedFile.open(pid, mapping(copy))) {
            assertThat(file.buildId()).isNull();
        }
        Path other = build("other", SOURCE.replace("for", "volatile int n = 7; for"), "-Wl,--build-id=none");
        expectMiss(other, FileMiss.REPLACED);
    }

    @Test
    void whatIsNoFileIsNotOpened() throws Exception {
        Tool.output("mkfifo", directory.resolve("pipe").toString());
        expectMiss(directory.resolve("pipe"), FileMiss.SPECIAL);
        expectMiss(directory.resolve("nowhere"), FileMiss.NOT_FOUND);
        Path text = Files.writeString(directory.resolve("text"), "no binary");
        assertThatThrownBy(() -> MappedFile.open(pid, mapping(text))).isInstanceOf(ElfException.class);
    }

    @Test
    void aMappingWhoseFileIsGoneHasNoName() throws Exception {
        Mapping there = mapping(program);
        Mapping deleted = new Mapping(
                there.start(), there.end(), there.fileOffset(), true, false, true, 0, 0, 1, there.path(), true);
        assertThatThrownBy(() -> MappedFile.open(pid, deleted))
                .isInstanceOfSatisfying(
                        FileMissException.class, e -> assertThat(e.miss()).isEqualTo(FileMiss.REMOVED));
    }

    private void expectMiss(Path path, FileMiss miss) {
        assertThatThrownBy(() -> MappedFile.open(pid, mapping(path)))
                .isInstanceOfSatisfying(
                        FileMissException.class, e -> assertThat(e.miss()).isEqualTo(miss));
    }

    private boolean isMapped() throws IOException {
        return ProcMaps.read(pid).stream().anyMatch(mapping -> mapping.path().equals(program.toString()));
    }

    /** The program's code, as if it were mapped from a file of another name and without its last page. */
    private Mapping mapping(Path path) throws IOException {
        List<Mapping> mappings = ProcMaps.read(pid);
        Mapping code = mappings.stream()
                .filter(mapping -> mapping.executable() && mapping.path().equals(program.toString()))
                .findFirst()
                .orElseThrow();
        FileId id = code.file();
        return new Mapping(
                code.start(),
                code.end() - 4096,
                code.fileOffset(),
                true,
                false,
                true,
                id.deviceMajor(),
                id.deviceMinor(),
                id.inode(),
                path.toString(),
                false);
    }

    /** With more than a page of code, so that a mapping of it may lack one. */
    private Path build(String name, String source, String option) throws Exception {
        Path file = directory.resolve(name + ".c");
        Files.writeString(file, source + "\n__asm__(\".skip 8192, 0x90\");\n");
        Path built = directory.resolve(name);
        Tool.output("cc", "-O1", "-fno-toplevel-reorder", option, "-o", built.toString(), file.toString());
        return built;
    }
}
