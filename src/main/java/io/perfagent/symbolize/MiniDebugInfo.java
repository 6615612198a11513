package io.perfagent.symbolize;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * MiniDebugInfo (GDB manual, "MiniDebugInfo"): {@code .gnu_debugdata} of a stripped binary is an xz-compressed ELF file whose
 * {@code .symtab} has the functions that {@code .dynsym} lacks. Fedora and its kin ship every binary so.
 */
final class MiniDebugInfo {
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_DECODER_KIB = 96 << 10;

    private MiniDebugInfo() {}

    /** Null where the file has none; an exception where it is damaged or larger than 64 MiB. */
    static @Nullable SymbolTable symtab(ElfFile file) throws IOException {
        Section section = file.section(".gnu_debugdata");
        return section == null ? null : SymbolTable.symtab(ElfFile.of(decompress(file.read(section))));
    }

    private static byte[] decompress(ByteBuffer compressed) throws IOException {
        InputStream bytes = new ByteArrayInputStream(compressed.array(), compressed.arrayOffset(), compressed.limit());
        try (XZInputStream plain = new XZInputStream(bytes, MAX_DECODER_KIB)) {
            byte[] image = plain.readNBytes(MAX_BYTES + 1);
            if (image.length > MAX_BYTES) {
                throw new ElfException(".gnu_debugdata holds more than " + MAX_BYTES + " bytes");
            }
            return image;
        }
    }
}
