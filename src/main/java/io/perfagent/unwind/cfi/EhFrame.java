package io.perfagent.unwind.cfi;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a file's {@code .eh_frame}, found by its section header or, where those are stripped, through the segment that the
 * unwinder of the process itself uses (LSB core, 10.6).
 *
 * <pre>
 *   PT_GNU_EH_FRAME → .eh_frame_hdr:  version 1 | encoding of eh_frame_ptr | … | … | eh_frame_ptr → .eh_frame
 * </pre>
 */
public final class EhFrame {
    /** Four times what the largest browsers have. */
    static final int MAX_BYTES = 1 << 26;

    /** Of a file without any. */
    public static final EhFrame NONE = new EhFrame(new byte[0], 0, 0, true);

    private static final int HEADER_BYTES = 12;
    /** In an entry its length stands before that. */
    private static final int ID = 4;

    private static final int MOST_ENTRY_BYTES = 1 << 16;

    private final byte[] bytes;
    private final long address;
    private final long dataBase;
    private final boolean endsAtTerminator;

    /**
     * @param address ELF address of {@code bytes[0]}
     * @param dataBase ELF address that data-relative pointers count from
     * @param endsAtTerminator whether an entry of length 0 ends the section; where a section header gives the size, linkers
     *     leave such entries in between
     */
    EhFrame(byte[] bytes, long address, long dataBase, boolean endsAtTerminator) {
        this.bytes = bytes;
        this.address = address;
        this.dataBase = dataBase;
        this.endsAtTerminator = endsAtTerminator;
    }

    /** Whether a file has any, readable or not. */
    public static boolean isIn(ElfFile file) {
        return file.section(".eh_frame") != null || file.segment(Segment.PT_GNU_EH_FRAME) != null;
    }

    public static EhFrame read(ElfFile file, Workspace workspace) throws IOException, MalformedCfi {
        Segment header = file.segment(Segment.PT_GNU_EH_FRAME);
        long dataBase = header == null ? 0 : header.address();
        Section section = file.section(".eh_frame");
        if (section != null && section.type() != Section.SHT_NOBITS && section.size() > 0) {
            workspace.take(section.size());
            return new EhFrame(bytes(file.read(section)), section.address(), dataBase, false);
        }
        if (header == null) {
            throw new MalformedCfi(CfiError.UNREADABLE);
        }
        long address = pointerInHeader(file, header);
        long size = bytesFrom(file, address);
        workspace.take(size);
        return new EhFrame(bytes(file.readAddress(address, size)), address, dataBase, true);
    }

    /**
     * One FDE behind its CIE, as if both stood there together.
     *
     * @param fde ELF address
     */
    public static EhFrame entry(ElfFile file, long fde) throws IOException, MalformedCfi {
        Segment header = file.segment(Segment.PT_GNU_EH_FRAME);
        byte[] own = entryAt(file, fde);
        long cie = fde + ID - new ByteCursor(own, fde).window(ID, own.length).s32();
        byte[] common = entryAt(file, cie);
        ByteBuffer both = ByteBuffer.allocate(common.length + own.length).order(ByteOrder.LITTLE_ENDIAN);
        both.put(common).put(own).putInt(common.length + ID, common.length + ID);
        return new EhFrame(both.array(), fde - common.length, header == null ? 0 : header.address(), true);
    }

    private static byte[] entryAt(ElfFile file, long address) throws IOException, MalformedCfi {
        long length = Integer.toUnsignedLong(file.readAddress(address, ID).getInt(0));
        if (length < ID || length > MOST_ENTRY_BYTES) {
            throw new MalformedCfi(CfiError.BAD_LENGTH);
        }
        return bytes(file.readAddress(address, ID + length));
    }

    public byte[] bytes() {
        return bytes;
    }

    long address() {
        return address;
    }

    public long dataBase() {
        return dataBase;
    }

    public boolean endsAtTerminator() {
        return endsAtTerminator;
    }

    public ByteCursor cursor() {
        return new ByteCursor(bytes, address);
    }

    private static long pointerInHeader(ElfFile file, Segment header) throws IOException, MalformedCfi {
        byte[] bytes = bytes(file.readAddress(header.address(), HEADER_BYTES));
        ByteCursor cursor = new ByteCursor(bytes, header.address());
        if (cursor.u8() != 1) {
            throw new MalformedCfi(CfiError.UNREADABLE);
        }
        int encoding = cursor.u8();
        cursor.skip(2); // how the search table is encoded: the table repeats what .eh_frame says
        return PointerEncoding.read(cursor, encoding, header.address());
    }

    /** How much of its segment follows an address: the section's end is only marked by its terminator. */
    private static long bytesFrom(ElfFile file, long address) throws MalformedCfi {
        for (Segment segment : file.segments()) {
            long from = address - segment.address();
            if (segment.type() == Segment.PT_LOAD && from >= 0 && from < segment.fileSize()) {
                return Math.min(segment.fileSize() - from, MAX_BYTES);
            }
        }
        throw new MalformedCfi(CfiError.UNREADABLE);
    }

    /** Without a copy where possible: sections can be tens of megabytes. */
    private static byte[] bytes(ByteBuffer buffer) {
        boolean whole = buffer.hasArray() && buffer.arrayOffset() == 0 && buffer.array().length == buffer.remaining();
        if (whole) {
            return buffer.array();
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
