package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Each of a file's symbols is found where a walk through the table finds it. */
class SymbolSearchTest {
    private static final Path LIBC = Path.of("/lib/x86_64-linux-gnu/libc.so.6");
    private static final Path PROGRAM = Path.of("target", "workloads", "jitted");

    @Test
    void findsWhatIsExported() throws IOException {
        try (ElfFile file = ElfFile.open(LIBC)) {
            expectEachIsFound(file, SymbolTable.dynsym(file), 1000);
        }
    }

    @Test
    void findsWhatIsLocal() throws IOException {
        try (ElfFile file = ElfFile.open(PROGRAM)) {
            expectEachIsFound(file, SymbolTable.symtab(file), 10);
            assertThat(SymbolSearch.find(file, "__jit_debug_descriptor").size()).isEqualTo(24);
        }
    }

    /** The end of a name is a name of its own where the linker shares it, and none here. */
    @Test
    void findsNoPartOfAName() throws IOException {
        try (ElfFile file = ElfFile.open(PROGRAM)) {
            assertThat(SymbolSearch.find(file, "_jit_debug_descriptor")).isNull();
            assertThat(SymbolSearch.find(file, "__jit_debug_descripto")).isNull();
        }
    }

    private static void expectEachIsFound(ElfFile file, SymbolTable all, int least) throws IOException {
        int found = 0;
        for (int index = 0; index < all.size(); index++) {
            if (all.defined(index) && all.named(index) && all.type(index) <= Symbol.STT_FUNC) {
                String name = all.name(index);
                Symbol symbol = SymbolSearch.find(file, name);
                assertThat(symbol).as(name).isNotNull();
                assertThat(symbol.name()).isEqualTo(name);
                found++;
            }
        }
        assertThat(found).isGreaterThan(least);
    }
}
