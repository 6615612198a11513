package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import io.perfagent.elf.TooLargeException;
import io.perfagent.model.Budget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * MiniDebugInfo (GDB manual, "MiniDebugInfo"): {@code .gnu_debugdata} of a stripped binary is an xz-compressed ELF file whose
 * {@code .symtab} has the functions that {@code .dynsym} lacks. Fedora and its kin ship every binary so.
 */
final class MiniDebugInfo {
    private static final int MAX_BYTES = 64 << 20;
    private static final int MAX_DECODER_KIB = 96 << 10;
    private static final int CHUNK = 1 << 16;

    private MiniDebugInfo() {}

    /**
     * Null where the file has none; an exception where it is damaged, larger than 64 MiB, or more than there is room for.
     *
     * @param room takes the image, whose names are read when they are needed
     */
    static @Nullable SymbolTable symtab(ElfFile file, Budget.Kept room) throws IOException {
        Section section = file.section(".gnu_debugdata");
        if (section == null) {
            return null;
        }
        try (Budget.Work work = room.budget().work(room.budget().workBytes())) {
            long most = work == null
                    ? 0
                    : work.bytes() / 4; // of the compressed bytes and of the image; the decoder has the rest
            int image = (int) Math.min(MAX_BYTES, most);
            int decoderKib = (int) Math.min(MAX_DECODER_KIB, most / 1024);
            return SymbolTable.symtabInFile(
                    ElfFile.of(decompress(compressed(file, section, most), decoderKib, image, room)));
        }
    }

    private static InputStream compressed(ElfFile file, Section section, long most) throws IOException {
        if (section.size() > most) {
            throw new TooLargeException(section.name() + " has " + section.size() + " bytes");
        }
        ByteBuffer bytes = file.read(section);
        return new ByteArrayInputStream(bytes.array(), bytes.arrayOffset(), bytes.limit());
    }

    private static byte[] decompress(InputStream compressed, int decoderKib, int most, Budget.Kept room)
            throws IOException {
        byte[] image = new byte[CHUNK];
        int length = 0;
        try (XZInputStream plain = new XZInputStream(compressed, decoderKib)) {
            for (int read = 0; read >= 0; read = plain.read(image, length, image.length - length)) {
                length += read;
                if (length == image.length) {
                    if (length > most / 2) {
                        throw new TooLargeException(".gnu_debugdata holds more than " + most + " bytes");
                    }
                    image = Arrays.copyOf(image, 2 * length);
                }
            }
        } catch (MemoryLimitException e) {
            throw new TooLargeException(".gnu_debugdata needs a decoder of " + e.getMemoryNeeded() + " KiB");
        }
        if (!room.grow(length)) {
            throw new TooLargeException("no room for the " + length + " bytes of .gnu_debugdata");
        }
        return Arrays.copyOf(image, length);
    }
}
