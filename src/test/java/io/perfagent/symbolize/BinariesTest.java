package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Budget;
import io.perfagent.model.Mapping;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that stay open, of the libraries of this process. */
class BinariesTest {
    private static final int PID = (int) ProcessHandle.current().pid();
    private final List<Kept> kept = new ArrayList<>();
    private static final long HEAP = 256 << 20;

    @Test
    void noMoreAreOpenThanThereAreDescriptorsFor() throws Exception {
        List<Mapping> files = files();
        try (Binaries binaries = new Binaries(new Budget(HEAP), 2)) {
            Binary first = used(binaries, files.get(0));
            Binary second = used(binaries, files.get(1));
            assertThat(binaries.of(PID, files.get(2))).isSameAs(Binary.NO_ROOM);
            assertThat(binaries.of(PID, files.get(1))).isSameAs(second);
            first.release();
            assertThat(binaries.of(PID, files.get(2))).matches(Binary::readable);
            assertThat(binaries.of(PID, files.get(0)))
                    .as("closed, and all others are used")
                    .isNotSameAs(first);
            assertThat(binaries.of(PID, files.get(1))).isSameAs(second);
        }
    }

    /** Headers of a file of this process take some kilobytes. */
    @Test
    void noMoreAreOpenThanThereIsMemoryFor() throws Exception {
        List<Mapping> files = files();
        try (Binaries binaries = new Binaries(new Budget(1 << 10))) {
            assertThat(binaries.of(PID, files.getFirst())).isSameAs(Binary.NO_ROOM);
        }
        assertThat(Binary.NO_ROOM.miss()).isEqualTo(SymbolMiss.NO_ROOM);
    }

    /** As programs of a build come and go. */
    @Test
    void whatNobodyHasMappedMakesRoomForWhatSomebodyHas(@TempDir Path directory) throws Exception {
        int many = 100;
        Path program = Path.of("/bin/true").toRealPath();
        long room = 5 * bytes(program) * many / 4;
        try (Binaries binaries = new Binaries(new Budget(room))) {
            for (int copy = 0; copy < many; copy++) {
                Binary binary = used(binaries, mapped(program, directory.resolve("program" + copy)));
                assertThat(binary).matches(Binary::readable, "opened");
                binary.release();
            }
        }
        try (Binaries binaries = new Binaries(new Budget(room))) {
            assertThat(Stream.iterate(0, copy -> copy + 1)
                            .limit(many)
                            .map(copy -> used(binaries, kept.get(copy).mapping)))
                    .as("all of them still mapped")
                    .contains(Binary.NO_ROOM);
        }
    }

    /** A program that is executed once a minute is opened once a minute; one that is executed all the time stays open. */
    @Test
    void whatNobodyHasMappedIsClosedSomeIntervalsLater() throws Exception {
        Mapping file = files().getFirst();
        Mapping other = files().getLast();
        try (Binaries binaries = new Binaries(new Budget(HEAP))) {
            Binary released = used(binaries, file);
            released.release();
            Binary held = used(binaries, other);
            binaries.beginInterval();
            assertThat(binaries.of(PID, file)).isSameAs(released);
            for (int interval = 0; interval < 20; interval++) {
                binaries.beginInterval();
            }
            assertThat(binaries.of(PID, file)).isNotSameAs(released).matches(Binary::readable, "opened again");
            assertThat(binaries.of(PID, other)).isSameAs(held);
        }
    }

    private static long bytes(Path file) throws IOException {
        try (ElfFile program = ElfFile.open(file)) {
            return program.heapBytes();
        }
    }

    /** Two libraries whose functions have no room beside each other. */
    @Test
    void symbolsThatAreNotAskedForMakeRoomForThoseThatAre(@TempDir Path directory) throws Exception {
        Path library = libraryOf(3000, directory);
        List<Mapping> copies =
                List.of(mapped(library, directory.resolve("one.so")), mapped(library, directory.resolve("two.so")));
        long address = address("f1234", library);
        try (Binaries binaries = new Binaries(new Budget(roomForOne(library, address)))) {
            List<Binary> libraries =
                    copies.stream().map(copy -> used(binaries, copy)).toList();
            for (int interval = 0; interval < 6; interval++) {
                Binary first = libraries.get(interval % 2);
                Binary second = libraries.get(1 - interval % 2);
                assertThat(binaries.find(first, address)).isEqualTo("f1234");
                assertThat(binaries.find(second, address)).isNull();
                assertThat(second.miss()).isEqualTo(SymbolMiss.NO_ROOM);
                assertThat(binaries.find(first, address)).isEqualTo("f1234");
                binaries.beginInterval();
            }
        }
    }

    /** Bytes of heap whose budget has room for the headers of two such files and the symbols of one. */
    private static long roomForOne(Path file, long address) throws IOException {
        Budget budget = new Budget(HEAP);
        long nothing = free(budget);
        try (Binary binary = Binary.of(ElfFile.open(file), budget)) {
            long headers = free(budget);
            assertThat(binary.find(address)).isNotNull();
            return 5 * ((nothing - headers) * 2 + (headers - free(budget)) * 5 / 2);
        }
    }

    /** One holder may have half of what is free. */
    private static long free(Budget budget) {
        return 2 * budget.keep().available();
    }

    private static Path libraryOf(int functions, Path directory) throws Exception {
        String source = IntStream.range(0, functions)
                .mapToObj(number -> "int f" + number + "(void) { return " + number + "; }")
                .collect(Collectors.joining("\n"));
        Files.writeString(directory.resolve("library.c"), source);
        Tool.output(List.of("gcc", "-shared", "-s", "-o", "library.so", "library.c"), directory);
        return directory.resolve("library.so");
    }

    private static long address(String function, Path file) throws Exception {
        return Tool.output("nm", "-D", file.toString())
                .lines()
                .filter(line -> line.endsWith(" " + function))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(0, 16), 16))
                .findFirst()
                .orElseThrow();
    }

    /** Mapped in this process as long as the buffer is there. */
    private record Kept(Mapping mapping, MappedByteBuffer buffer) {}

    /** A mapping of this process of a copy of a file. */
    private Mapping mapped(Path original, Path copy) throws IOException {
        Files.copy(original, copy);
        try (FileChannel file = FileChannel.open(copy)) {
            MappedByteBuffer buffer = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            Mapping mapping = ProcMaps.read(PID).stream()
                    .filter(one -> one.path().equals(copy.toString()))
                    .findFirst()
                    .orElseThrow();
            kept.add(new Kept(mapping, buffer));
            return mapping;
        }
    }

    private static Binary used(Binaries binaries, Mapping file) {
        Binary binary = binaries.of(PID, file);
        binary.retain();
        return binary;
    }

    /** One mapping of each. */
    private static List<Mapping> files() throws IOException {
        return ProcMaps.readExecutable(PID).stream()
                .filter(mapping -> mapping.isFile() && mapping.path().contains(".so"))
                .toList();
    }
}
