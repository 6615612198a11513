package io.perfagent.elf;

import io.perfagent.model.BuildId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A little-endian 64-bit ELF file. Whoever made the file may be hostile: every offset, count and length is checked against
 * the file, and what does not fit is an {@link ElfException}.
 *
 * <pre>
 *   ELF header ── e_phoff ─→ program headers (segments: what is mapped)
 *              └─ e_shoff ─→ section headers (what tools see; may be stripped off)
 * </pre>
 */
public final class ElfFile implements AutoCloseable {
    public static final int EM_X86_64 = 62;
    public static final int EM_AARCH64 = 183;
    public static final int ET_EXEC = 2;
    public static final int ET_DYN = 3;

    private static final int HEADER_SIZE = 64;
    private static final int SECTION_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    /** Never more than an eighth of the heap: a sparse file can claim any size. */
    private static final long MAX_SECTION_BYTES =
            Math.min(1L << 29, Runtime.getRuntime().maxMemory() / 8);

    private static final int MAX_NAME_BYTES = 1 << 16;
    /** Sections may share one name, and each has a copy. */
    private static final int MAX_SECTION_NAME_BYTES = 1 << 8;
    /** Twice what it is: the file says how long its entries are. */
    private static final int MAX_HEADER_BYTES = 1 << 7;
    /** A hundred times what programs have; object files, which have one for each function, are never run. */
    private static final int MAX_HEADERS = 1 << 13;

    private static final int MAX_SECTION_NAMES_BYTES = 1 << 20;
    private static final int MAX_NOTES_BYTES = 1 << 16;
    /** Of a section or a segment, without its name. */
    private static final int HEADER_HEAP_BYTES = 80;

    private static final int NT_GNU_BUILD_ID = 3;

    private final ByteSource source;
    private final int type;
    private final int machine;
    private final long entry;
    private final List<Segment> segments;
    private final List<Section> sections;

    private ElfFile(ByteSource source) throws IOException {
        this.source = source;
        ByteBuffer header = source.slice(0, HEADER_SIZE, HEADER_SIZE);
        if (header.getInt(0) != 0x464c457f) {
            throw new ElfException("no ELF magic");
        }
        if (header.get(4) != 2 || header.get(5) != 1) {
            throw new ElfException("not a 64-bit little-endian ELF file");
        }
        this.type = header.getShort(16);
        this.machine = Short.toUnsignedInt(header.getShort(18));
        this.entry = header.getLong(24);
        this.segments = readSegments(header);
        this.sections = readSections(header);
    }

    public static ElfFile open(Path path) throws IOException {
        return open(FileChannel.open(path, StandardOpenOption.READ));
    }

    /** A file that is open already; it is closed with this, or at once where it is no ELF file. */
    public static ElfFile open(FileChannel channel) throws IOException {
        ByteSource source = ByteSource.of(channel);
        try {
            return new ElfFile(source);
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** An ELF image in memory, such as the vdso. */
    public static ElfFile of(byte[] image) throws IOException {
        return new ElfFile(ByteSource.of(image));
    }

    public int type() {
        return type;
    }

    /** Where the kernel begins, an ELF address; 0 where that is nowhere. */
    public long entry() {
        return entry;
    }

    public int machine() {
        return machine;
    }

    public List<Segment> segments() {
        return segments;
    }

    /** The sections, empty where the file has none. */
    public List<Section> sections() {
        return sections;
    }

    public @Nullable Section section(String name) {
        for (Section section : sections) {
            if (section.name().equals(name)) {
                return section;
            }
        }
        return null;
    }

    /** The first segment of a type. */
    public @Nullable Segment segment(int segmentType) {
        for (Segment segment : segments) {
            if (segment.type() == segmentType) {
                return segment;
            }
        }
        return null;
    }

    /** A section's bytes, little-endian, position 0. */
    public ByteBuffer read(Section section) throws IOException {
        if (section.type() == Section.SHT_NOBITS) {
            throw new ElfException(section.name() + " has no bytes in the file");
        }
        return source.slice(section.offset(), section.size(), MAX_SECTION_BYTES);
    }

    /** Throws as {@link #read(Section)} does, and reads nothing. */
    void requireReadable(Section section) throws IOException {
        if (section.type() == Section.SHT_NOBITS) {
            throw new ElfException(section.name() + " has no bytes in the file");
        }
        source.require(section.offset(), section.size(), MAX_SECTION_BYTES);
    }

    /** Bytes of heap that an open file takes, about. */
    public long heapBytes() {
        long bytes = source.heapBytes() + (long) HEADER_HEAP_BYTES * (1 + segments.size() + sections.size());
        for (Section section : sections) {
            bytes += HEADER_HEAP_BYTES / 2 + section.name().length();
        }
        return bytes;
    }

    /** At most {@code most} bytes of a section from an offset in it, fewer where it ends before. */
    public ByteBuffer read(Section section, long offset, int most) throws IOException {
        if (section.type() == Section.SHT_NOBITS || offset < 0 || offset > section.size()) {
            throw new ElfException(section.name() + " has no bytes at " + offset);
        }
        return source.slice(section.offset() + offset, Math.min(most, section.size() - offset), most);
    }

    /** The bytes that the file has for a segment, little-endian, position 0. */
    public ByteBuffer read(Segment segment) throws IOException {
        return source.slice(segment.offset(), segment.fileSize(), MAX_SECTION_BYTES);
    }

    /** {@code length} bytes at an ELF address that a PT_LOAD segment has in the file. */
    public ByteBuffer readAddress(long address, long length) throws IOException {
        for (Segment segment : segments) {
            long from = address - segment.address();
            if (segment.type() == Segment.PT_LOAD && from >= 0 && from <= segment.fileSize() - length) {
                return source.slice(segment.offset() + from, length, MAX_SECTION_BYTES);
            }
        }
        throw new ElfException("address 0x" + Long.toHexString(address) + " is not in the file");
    }

    /**
     * ELF address of a file offset, by the executable PT_LOAD segment that holds it, else by any; −1 where none does. The page
     * that a segment begins in counts: the kernel maps whole pages.
     */
    public long addressOfOffset(long fileOffset) {
        return Segment.addressOfOffset(segments, fileOffset);
    }

    /** The GNU build id from the notes; null where there is none. */
    public @Nullable BuildId buildId() throws IOException {
        for (Segment segment : segments) {
            if (segment.type() == Segment.PT_NOTE) {
                long size = Math.min(segment.fileSize(), MAX_NOTES_BYTES);
                BuildId found = findBuildId(source.slice(segment.offset(), size, MAX_NOTES_BYTES));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private static @Nullable BuildId findBuildId(ByteBuffer notes) {
        int at = 0;
        while (at <= notes.limit() - 12) {
            long nameSize = Integer.toUnsignedLong(notes.getInt(at));
            long descriptionSize = Integer.toUnsignedLong(notes.getInt(at + 4));
            long description = at + 12 + align4(nameSize);
            if (description + descriptionSize > notes.limit()) {
                return null;
            }
            boolean gnu = nameSize == 4 && notes.getInt(at + 12) == 0x00554e47;
            if (gnu && notes.getInt(at + 8) == NT_GNU_BUILD_ID && descriptionSize > 0 && descriptionSize <= 64) {
                byte[] id = new byte[(int) descriptionSize];
                notes.get((int) description, id);
                return new BuildId(HexFormat.of().formatHex(id));
            }
            at = (int) (description + align4(descriptionSize));
        }
        return null;
    }

    private static long align4(long size) {
        return (size + 3) & ~3L;
    }

    private List<Segment> readSegments(ByteBuffer header) throws IOException {
        int count = Short.toUnsignedInt(header.getShort(56));
        int size = Short.toUnsignedInt(header.getShort(54));
        if (count == 0) {
            return List.of();
        }
        if (size < PROGRAM_HEADER_SIZE || size > MAX_HEADER_BYTES) {
            throw new ElfException("program headers of " + size + " bytes");
        }
        ByteBuffer table = source.slice(header.getLong(32), (long) count * size, (long) MAX_HEADERS * size);
        List<Segment> found = new ArrayList<>(count);
        for (int at = 0; at < table.limit(); at += size) {
            found.add(new Segment(
                    table.getInt(at),
                    table.getInt(at + 4),
                    table.getLong(at + 8),
                    table.getLong(at + 16),
                    table.getLong(at + 32),
                    table.getLong(at + 40)));
        }
        return List.copyOf(found);
    }

    private List<Section> readSections(ByteBuffer header) throws IOException {
        long offset = header.getLong(40);
        int size = Short.toUnsignedInt(header.getShort(58));
        long count = Short.toUnsignedInt(header.getShort(60));
        int nameIndex = Short.toUnsignedInt(header.getShort(62));
        if (offset == 0) {
            return List.of();
        }
        if (size < SECTION_HEADER_SIZE || size > MAX_HEADER_BYTES) {
            throw new ElfException("section headers of " + size + " bytes");
        }
        ByteBuffer first = source.slice(offset, size, size);
        count = count == 0 ? first.getLong(32) : count; // more than 65,279 sections: the number is in the first header
        nameIndex = nameIndex == 0xffff ? first.getInt(40) : nameIndex;
        if (count < 0 || count > MAX_HEADERS) {
            throw new ElfException(count + " sections");
        }
        ByteBuffer table = source.slice(offset, count * size, (long) MAX_HEADERS * size);
        ByteBuffer names = names(table, size, nameIndex);
        List<Section> found = new ArrayList<>((int) count);
        for (int at = 0; at < table.limit(); at += size) {
            found.add(section(table, at, sectionName(names, table.getInt(at))));
        }
        return List.copyOf(found);
    }

    private ByteBuffer names(ByteBuffer table, int size, int nameIndex) throws IOException {
        long at = (long) nameIndex * size;
        if (nameIndex < 0 || at >= table.limit()) {
            return ByteBuffer.allocate(0);
        }
        Section names = section(table, (int) at, "");
        return names.type() == Section.SHT_NOBITS
                ? ByteBuffer.allocate(0)
                : source.slice(names.offset(), names.size(), MAX_SECTION_NAMES_BYTES);
    }

    private static Section section(ByteBuffer table, int at, String name) {
        return new Section(
                name,
                table.getInt(at + 4),
                table.getLong(at + 8),
                table.getLong(at + 16),
                table.getLong(at + 24),
                table.getLong(at + 32),
                table.getInt(at + 40),
                table.getLong(at + 56));
    }

    private static String sectionName(ByteBuffer names, int offset) {
        return string(names, Integer.toUnsignedLong(offset), MAX_SECTION_NAME_BYTES);
    }

    /** The NUL-terminated string at {@code offset}, {@code ""} where that lies outside. */
    static String string(ByteBuffer strings, long offset) {
        return string(strings, offset, MAX_NAME_BYTES);
    }

    private static String string(ByteBuffer strings, long offset, int longest) {
        if (offset < 0 || offset >= strings.limit()) {
            return "";
        }
        int start = (int) offset;
        int end = start;
        int limit = Math.min(strings.limit(), start + longest);
        while (end < limit && strings.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        strings.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
