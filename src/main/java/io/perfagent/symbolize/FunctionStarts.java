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

    private final ElfFile file;
    private final ByteBuffer header;
    private final long headerAddress;
    private final int count;

    private FunctionStarts(ElfFile file, ByteBuffer header, long headerAddress, int count) {
        this.file = file;
        this.header = header;
        this.headerAddress = headerAddress;
        this.count = count;
    }

    /** No starts where the file has no table of the usual encoding. */
    static FunctionStarts of(ElfFile file) {
        Segment segment = file.segment(Segment.PT_GNU_EH_FRAME);
        try {
            if (segment != null) {
                ByteBuffer header = file.read(segment);
                return new FunctionStarts(file, header, segment.address(), count(header));
            }
        } catch (IOException _) {
            // As if it had no table.
        }
        return new FunctionStarts(file, ByteBuffer.allocate(0), 0, 0);
    }

    private static int count(ByteBuffer header) {
        boolean usual = header.limit() >= TABLE && header.get(0) == 1 && header.get(2) == 0x03 && header.get(3) == 0x3b;
        return usual ? (int) Math.min(Integer.toUnsignedLong(header.getInt(8)), (header.limit() - TABLE) / ENTRY) : 0;
    }

    /**
     * ELF address of the function that an ELF address is in, or of the gap behind one; the address itself where no function begins
     * before.
     */
    long startOf(long address) {
        int entry = lastBefore(address);
        if (entry < 0) {
            return address;
        }
        long start = start(entry);
        long size = size(entry);
        if (size >= 0 && address - start >= size) {
            return gap(start + size, address);
        }
        return size >= 0 || address - start < MAX_FUNCTION_BYTES ? start : address;
    }

    /** −1 where all begin behind the address. */
    private int lastBefore(long address) {
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
        long fde = headerAddress + header.getInt(TABLE + entry * ENTRY + 4);
        try {
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

    private long start(int entry) {
        return headerAddress + header.getInt(TABLE + entry * ENTRY);
    }
}
