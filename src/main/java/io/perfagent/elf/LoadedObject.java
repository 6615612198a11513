package io.perfagent.elf;

import io.perfagent.model.CodeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What a JIT keeps of code that it has made: an ELF image as its compiler has written it, whose section headers say where each section was
 * loaded. Often that is an object file: its symbols are relative to sections, and its call-frame information is relocated where it was
 * loaded, not in the image. {@link #image} makes one of it that is like a program's, with addresses of the process.
 *
 * <pre>
 *   image:  ELF header │ segments │ a page's beginning: code of a section │ … │ .eh_frame │ .symtab │ .strtab │ names │ section headers
 * </pre>
 *
 * The process may be hostile: an object is as large as who reads it allows, and its sections together at most as large again.
 */
public final class LoadedObject {
    /** Of an object: those of numba have some kilobytes, with debug information some hundred. */
    public static final int MOST_BYTES = 1 << 22;

    private static final int ET_REL = 1;
    private static final int MOST_CODE_SECTIONS = 64;
    private static final long MOST_LOADED_BYTES = 1 << 22;
    private static final long HIGHEST = 1L << 47;

    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int SECTION_HEADER = 64;
    private static final int PAGE = 4096;
    private static final int READ_EXECUTE = 5;
    private static final int SECTIONS_AT = 40;
    private static final int SECTION_COUNT = 60;

    private static final int SYMBOL = 24;
    private static final int SYMBOL_SECTION = 6;
    private static final int SYMBOL_VALUE = 8;
    private static final int SHN_LORESERVE = 0xff00;

    private static final String NAMES = "\0.eh_frame\0.symtab\0.strtab\0.names\0.text\0";

    private final ElfFile file;
    private final int checksum;
    private final List<Section> code = new ArrayList<>();

    private LoadedObject(byte[] bytes) throws IOException {
        this.file = ElfFile.of(bytes);
        this.checksum = checksum(bytes);
        long loaded = 0;
        for (Section section : file.sections()) {
            if (section.executable() && isLoaded(section) && code.size() < MOST_CODE_SECTIONS) {
                code.add(section);
                loaded += section.size();
            }
        }
        if (loaded > MOST_LOADED_BYTES) {
            throw new TooLargeException(loaded + " bytes of code");
        }
    }

    /**
     * Reads one from a process's memory.
     *
     * @param most bytes that it may have
     */
    public static LoadedObject read(CodeMemory memory, long address, long most) throws IOException {
        byte[] header = bytes(memory, address, HEADER);
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        long sectionsAt = fields.getLong(SECTIONS_AT);
        long end = sectionsAt + (long) SECTION_HEADER * Short.toUnsignedInt(fields.getShort(SECTION_COUNT));
        if (sectionsAt < HEADER || sectionsAt > most || end > most) {
            throw new TooLargeException("sections at " + sectionsAt);
        }
        return new LoadedObject(bytes(memory, address, (int) end(memory, address, sectionsAt, end, most)));
    }

    /** Section headers mostly come last, but need not. */
    private static long end(CodeMemory memory, long address, long from, long to, long most) throws IOException {
        ByteBuffer headers = ByteBuffer.wrap(bytes(memory, address + from, (int) (to - from)))
                .order(ByteOrder.LITTLE_ENDIAN);
        long end = to;
        for (int at = 0; at + SECTION_HEADER <= headers.limit(); at += SECTION_HEADER) {
            long offset = headers.getLong(at + 24);
            long size = headers.getLong(at + 32);
            if (headers.getInt(at + 4) != Section.SHT_NOBITS && size > 0) {
                if (offset < 0 || offset > most || size > most - offset) {
                    throw new TooLargeException("a section of " + size + " bytes at " + offset);
                }
                end = Math.max(end, offset + size);
            }
        }
        return end;
    }

    /** Of all its bytes: another at the same address is told by it. */
    public int checksum() {
        return checksum;
    }

    private static int checksum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    /** The code of a section. */
    public record Code(long address, long size, long imageOffset) {}

    /** Where its code lies, and where {@link #image} has it. */
    public List<Code> code() {
        List<Code> all = new ArrayList<>(code.size());
        long offset = PAGE;
        for (Section section : code) {
            all.add(new Code(section.address(), section.size(), offset));
            offset = aligned(offset + section.size());
        }
        return all;
    }

    /** The image, with what the process has in memory. */
    public byte[] image(CodeMemory memory) throws IOException {
        List<byte[]> loaded = new ArrayList<>();
        for (Section section : code) {
            loaded.add(inMemory(section, memory));
        }
        Section frames = file.section(".eh_frame");
        Section symbols = ofType(Section.SHT_SYMTAB);
        return write(
                loaded,
                frames == null ? 0 : frames.address(),
                frames == null ? new byte[0] : frames(frames, memory),
                symbols == null ? new byte[0] : symbols(symbols),
                symbols == null ? new byte[0] : bytes(file.read(strings(symbols))));
    }

    private static boolean isLoaded(Section section) {
        return (section.flags() & Section.SHF_ALLOC) != 0
                && section.address() > 0
                && section.size() > 0
                && section.size() <= MOST_LOADED_BYTES
                && section.address() < HIGHEST - section.size();
    }

    private static byte[] inMemory(Section section, CodeMemory memory) throws IOException {
        return bytes(memory, section.address(), (int) section.size());
    }

    private static byte[] bytes(CodeMemory memory, long address, int size) throws IOException {
        byte[] bytes = new byte[size];
        if (!memory.read(address, bytes, 0, size)) {
            throw new ElfException("no memory at 0x" + Long.toHexString(address));
        }
        return bytes;
    }

    private byte[] frames(Section section, CodeMemory memory) throws IOException {
        return file.type() == ET_REL && isLoaded(section) ? inMemory(section, memory) : bytes(file.read(section));
    }

    private @Nullable Section ofType(int type) {
        for (Section section : file.sections()) {
            if (section.type() == type) {
                return section;
            }
        }
        return null;
    }

    private Section strings(Section symbols) throws ElfException {
        if (symbols.link() < 0 || symbols.link() >= file.sections().size()) {
            throw new ElfException(symbols.name() + " links to section " + symbols.link());
        }
        return file.sections().get(symbols.link());
    }

    /** With addresses of the process; what is not loaded is not defined. */
    private byte[] symbols(Section table) throws IOException {
        ByteBuffer entries = file.read(table);
        for (int at = 0; file.type() == ET_REL && at + SYMBOL <= entries.limit(); at += SYMBOL) {
            long base = loadedAt(Short.toUnsignedInt(entries.getShort(at + SYMBOL_SECTION)));
            entries.putShort(at + SYMBOL_SECTION, (short) (base == 0 ? 0 : 1));
            entries.putLong(at + SYMBOL_VALUE, entries.getLong(at + SYMBOL_VALUE) + base);
        }
        return bytes(entries);
    }

    /** Where a section was loaded, 0 where it was not. */
    private long loadedAt(int number) {
        boolean section = number < Math.min(SHN_LORESERVE, file.sections().size());
        return section && isLoaded(file.sections().get(number))
                ? file.sections().get(number).address()
                : 0;
    }

    private byte[] write(List<byte[]> loaded, long framesAddress, byte[] frames, byte[] symbols, byte[] strings) {
        byte[] names = NAMES.getBytes(StandardCharsets.US_ASCII);
        int framesAt = (int) endOfCode();
        int symbolsAt = framesAt + frames.length;
        int stringsAt = symbolsAt + symbols.length;
        int namesAt = stringsAt + strings.length;
        int sectionsAt = namesAt + names.length;
        int sections = 5 + loaded.size();
        ByteBuffer image = ByteBuffer.allocate(sectionsAt + sections * SECTION_HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0x00010102464c457fL) // magic, 64 bits, little-endian, version 1
                .putLong(0)
                .putShort((short) ElfFile.ET_EXEC)
                .putShort((short) file.machine())
                .putInt(1)
                .putLong(0) // begins nowhere
                .putLong(HEADER)
                .putLong(sectionsAt)
                .putInt(0)
                .putShort((short) HEADER)
                .putShort((short) PROGRAM_HEADER)
                .putShort((short) loaded.size())
                .putShort((short) SECTION_HEADER)
                .putShort((short) sections)
                .putShort((short) 4);
        code().forEach(part -> putSegment(image, part));
        List<Code> parts = code();
        for (int i = 0; i < loaded.size(); i++) {
            image.put((int) parts.get(i).imageOffset(), loaded.get(i));
        }
        image.put(framesAt, frames)
                .put(symbolsAt, symbols)
                .put(stringsAt, strings)
                .put(namesAt, names);
        image.position(sectionsAt + SECTION_HEADER);
        putSection(image, ".eh_frame", 1, Section.SHF_ALLOC, framesAddress, framesAt, frames.length, 0, 0);
        putSection(image, ".symtab", Section.SHT_SYMTAB, 0, 0, symbolsAt, symbols.length, 3, SYMBOL);
        putSection(image, ".strtab", Section.SHT_STRTAB, 0, 0, stringsAt, strings.length, 0, 0);
        putSection(image, ".names", Section.SHT_STRTAB, 0, 0, namesAt, names.length, 0, 0);
        long flags = Section.SHF_ALLOC | Section.SHF_EXECINSTR;
        for (Code part : parts) {
            putSection(image, ".text", 1, flags, part.address(), part.imageOffset(), part.size(), 0, 0);
        }
        return image.array();
    }

    private long endOfCode() {
        long end = PAGE;
        for (Section section : code) {
            end = aligned(end + section.size());
        }
        return end;
    }

    private static void putSegment(ByteBuffer image, Code part) {
        image.putInt(Segment.PT_LOAD)
                .putInt(READ_EXECUTE)
                .putLong(part.imageOffset())
                .putLong(part.address())
                .putLong(part.address())
                .putLong(part.size())
                .putLong(part.size())
                .putLong(PAGE);
    }

    private static void putSection(
            ByteBuffer image,
            String name,
            int type,
            long flags,
            long address,
            long offset,
            long size,
            int link,
            int entry) {
        image.putInt(NAMES.indexOf(name))
                .putInt(type)
                .putLong(flags)
                .putLong(address)
                .putLong(offset)
                .putLong(size)
                .putInt(link)
                .putInt(0)
                .putLong(1)
                .putLong(entry);
    }

    private static long aligned(long offset) {
        return (offset + PAGE - 1) & -PAGE;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
