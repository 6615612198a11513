package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.model.Budget;
import io.perfagent.model.SymbolMiss;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that claim more than is read into memory: files of gigabytes, most of them holes. */
class LargeTablesTest {
    private static final long LARGEST = Runtime.getRuntime().maxMemory() / 8;
    private static final long HUGE = 8L << 30;
    private static final int SECTION_HEADER = 64;

    @TempDir
    Path directory;

    private Path original;
    private Path program;

    @BeforeEach
    void build() throws Exception {
        Files.writeString(directory.resolve("program.c"), """
                __attribute__((noinline)) static int hidden_function(int n) { return n * 3; }
                int main(int argc, char **argv) { return hidden_function(argc); }
                """);
        original = directory.resolve("original");
        Tool.output(List.of("gcc", "-O1", "-o", "original", "program.c"), directory);
        program = Files.copy(original, directory.resolve("program"));
    }

    @Test
    void namesAreFoundWhateverTheSizeOfTheirTable() throws Exception {
        long main = addressOf("main");
        for (long size : new long[] {LARGEST + 1, HUGE}) {
            enlarge(".strtab", size);
            try (ElfFile file = ElfFile.open(program);
                    Binary binary = Binary.of(file, Budget.ofHeap())) {
                assertThat(binary.find(main)).isEqualTo("main");
                assertThat(binary.find(main + 1)).isEqualTo("main");
                assertThat(binary.miss()).isEqualTo(SymbolMiss.NO_SYMBOL);
            }
        }
    }

    @Test
    void aTableOfSymbolsThatIsTooLargeHasAReasonOfItsOwn() throws Exception {
        long main = addressOf("main");
        enlarge(".symtab", LARGEST + 24);
        try (ElfFile file = ElfFile.open(program);
                Binary binary = Binary.of(file, Budget.ofHeap())) {
            assertThat(binary.find(main)).isNull();
            assertThat(binary.miss()).isEqualTo(SymbolMiss.TOO_MANY_SYMBOLS);
        }
    }

    /** A size that the file does not have is damage, not size. */
    @Test
    void aTableThatLiesIsAsGoodAsNone() throws Exception {
        long main = addressOf("main");
        Section symbols;
        try (ElfFile file = ElfFile.open(program)) {
            symbols = file.section(".symtab");
        }
        setHeader(".symtab", symbols.offset(), HUGE);
        try (ElfFile file = ElfFile.open(program);
                Binary binary = Binary.of(file, Budget.ofHeap())) {
            assertThat(binary.find(main)).isNull();
            assertThat(binary.miss()).isEqualTo(SymbolMiss.NO_SYMBOL);
        }
    }

    private long addressOf(String function) throws Exception {
        String symbols = Tool.output("nm", original.toString());
        return symbols.lines()
                .filter(line -> line.endsWith(" T " + function))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(0, 16), 16))
                .findFirst()
                .orElseThrow();
    }

    /** Moves a section to the end of the file, and goes on with zeros that take no room on the disk. */
    private void enlarge(String section, long size) throws IOException {
        ByteBuffer bytes;
        try (ElfFile file = ElfFile.open(original)) {
            bytes = file.read(file.section(section));
        }
        Files.copy(original, program, StandardCopyOption.REPLACE_EXISTING);
        long end = Files.size(program);
        try (FileChannel channel = FileChannel.open(program, StandardOpenOption.WRITE)) {
            channel.write(bytes, end);
            channel.write(ByteBuffer.allocate(1), end + size - 1);
        }
        setHeader(section, end, size);
    }

    private void setHeader(String section, long offset, long size) throws IOException {
        int index;
        try (ElfFile file = ElfFile.open(original)) {
            index = file.sections().indexOf(file.section(section));
        }
        try (FileChannel channel = FileChannel.open(program, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer header = ByteBuffer.allocate(SECTION_HEADER).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(header, 0);
            ByteBuffer place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            place.putLong(offset).putLong(size).flip();
            channel.write(place, header.getLong(40) + (long) index * SECTION_HEADER + 24);
        }
    }
}
