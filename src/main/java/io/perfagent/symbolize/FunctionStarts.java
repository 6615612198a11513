package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where functions begin, also in a binary without symbols: the search table of {@code .eh_frame_hdr} (Linux Standard Base,
 * "Exception Frame Header"). With it all addresses of a function without a name share one placeholder. Behind the end of a function, which
 * its FDE tells, there is code that has none, up to 1.6 MB in programs that hold V8: such a gap has a placeholder of its own.
 *
 * <pre>
 *   0 version 1 │ 1 pointer encoding │ 2 count encoding 0x03 │ 3 table encoding 0x3b │ 4 .eh_frame s32 │ 8 count u32
 *   12 table, sorted: function s32, FDE s32, both relative to the header
 *
 *   FDE: 0 length u32 │ 4 CIE u32 │ 8 function, 4 or 8 bytes, relative to itself or absolute │ size, as many bytes
 * </pre>
 */
final class FunctionStarts {
    private static final int TABLE = 12;
    private static final int ENTRY = 8;
    private static final int FDE_BYTES = 24;
    private static final long MAX_FUNCTION_BYTES = 1 << 20;

    /** A search has some twenty steps, each of which reads an entry: the table itself is left in the file. */
    private final ElfFile file;

    private final long headerAddress;
    private final int count;

    private FunctionStarts(ElfFile file, long headerAddress, int count) {
        this.file = file;
        this.headerAddress = headerAddress;
        this.count = count;
    }

    /** No starts where the file has no table of the usual encoding. */
    static FunctionStarts of(ElfFile file) {
        Segment segment = file.segment(Segment.PT_GNU_EH_FRAME);
        try {
            if (segment != null) {
                ByteBuffer header = file.readAddress(segment.address(), TABLE);
                return new FunctionStarts(file, segment.address(), count(header, segment.fileSize()));
            }
        } catch (IOException _) {
            // As if it had no table.
        }
        return new FunctionStarts(file, 0, 0);
    }

    private static int count(ByteBuffer header, long bytes) {
        boolean usual = header.get(0) == 1 && header.get(2) == 0x03 && header.get(3) == 0x3b;
        long room = Math.clamp((bytes - TABLE) / ENTRY, 0, Integer.MAX_VALUE);
        return usual ? (int) Math.min(Integer.toUnsignedLong(header.getInt(8)), room) : 0;
    }

    /**
     * ELF address of the function that an ELF address is in, or of the gap behind one; the address itself where no function begins
     * before.
     */
    long startOf(long address) {
        try {
            int entry = lastBefore(address);
            return entry < 0 ? address : startOf(address, entry);
        } catch (IOException _) {
            return address;
        }
    }

    private long startOf(long address, int entry) throws IOException {
        long start = start(entry);
        long size = size(entry);
        if (size >= 0 && address - start >= size) {
            return gap(start + size, address);
        }
        return size >= 0 || address - start < MAX_FUNCTION_BYTES ? start : address;
    }

    /** −1 where all begin behind the address. */
    private int lastBefore(long address) throws IOException {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (start(middle) <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** A gap ends with its section, for the next one begins with other code. */
    private long gap(long end, long address) {
        for (Section section : file.sections()) {
            if (section.executable() && section.contains(address)) {
                return Math.max(end, section.address());
            }
        }
        return end;
    }

    /** Bytes of a function; −1 where the FDE cannot be read, or is of an encoding that compilers do not use for code. */
    private long size(int entry) {
        try {
            long fde = headerAddress + field(entry, 4);
            ByteBuffer bytes = file.readAddress(fde, FDE_BYTES);
            if (fde + 8 + bytes.getInt(8) == start(entry)) {
                return Integer.toUnsignedLong(bytes.getInt(12));
            }
            boolean wide = fde + 8 + bytes.getLong(8) == start(entry) || bytes.getLong(8) == start(entry);
            return wide ? Math.max(-1, bytes.getLong(16)) : -1;
        } catch (IOException _) {
            return -1;
        }
    }

    private long start(int entry) throws IOException {
        return headerAddress + field(entry, 0);
    }

    private int field(int entry, int offset) throws IOException {
        return file.readAddress(headerAddress + TABLE + (long) entry * ENTRY + offset, 4)
                .getInt(0);
    }
}
