package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.SymbolTable;
import io.perfagent.model.BuildId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The separate debug file of a stripped binary, where the machine has it (GDB manual, "Separate Debug Files"): for build id
 * {@code abcdef…} that is {@code /usr/lib/debug/.build-id/ab/cdef….debug}. Distributions ship these in {@code -dbg},
 * {@code -dbgsym} and {@code -debuginfo} packages.
 */
final class DebugFile {
    static final Path DIRECTORY = Path.of("/usr/lib/debug/.build-id");

    private DebugFile() {}

    /** The function symbols of a build; null where there is no such file, or one of another build. */
    static @Nullable SymbolTable symtab(Path directory, @Nullable BuildId id) throws IOException {
        if (id == null || id.hex().length() < 4) {
            return null;
        }
        Path path = directory.resolve(id.hex().substring(0, 2)).resolve(id.hex().substring(2) + ".debug");
        if (!Files.isRegularFile(path)) {
            return null;
        }
        try (ElfFile file = ElfFile.open(path)) {
            return id.equals(file.buildId()) ? SymbolTable.symtab(file) : null;
        }
    }
}
