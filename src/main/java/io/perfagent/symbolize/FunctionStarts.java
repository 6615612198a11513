package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

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
    private static final long UNREAD = Long.MIN_VALUE;

    /** Entries that are read at once, where a search has come so far; the table itself is left in the file. */
    private static final int BLOCK = 128;

    /** More than browsers have; a file may claim any number. */
    private static final int MOST = 1 << 22;

    private final ElfFile file;
    private final long headerAddress;
    private final int count;
    /** Where the first function of each block begins, as far as it has been read; {@link #UNREAD} elsewhere. */
    private final long[] firsts;

    private ByteBuffer block = ByteBuffer.allocate(0);
    private int blockAt = -1;

    private FunctionStarts(ElfFile file, long headerAddress, int count) {
        this.file = file;
        this.headerAddress = headerAddress;
        this.count = count;
        this.firsts = new long[(count + BLOCK - 1) / BLOCK];
        Arrays.fill(firsts, UNREAD);
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
        return none(file);
    }

    private static int count(ByteBuffer header, long bytes) {
        boolean usual = header.get(0) == 1 && header.get(2) == 0x03 && header.get(3) == 0x3b;
        long room = Math.clamp((bytes - TABLE) / ENTRY, 0, Integer.MAX_VALUE);
        long count = usual ? Math.min(Integer.toUnsignedLong(header.getInt(8)), room) : 0;
        return count <= MOST ? (int) count : 0;
    }

    /** Those of a file without a table. */
    static FunctionStarts none(ElfFile file) {
        return new FunctionStarts(file, 0, 0);
    }

    long heapBytes() {
        return (long) firsts.length * Long.BYTES + (long) BLOCK * ENTRY;
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
        int from = last(this::first, 0, firsts.length, address) * BLOCK;
        return from < 0 ? -1 : last(this::start, from, Math.min(count, from + BLOCK), address);
    }

    /** Addresses in order. */
    @FunctionalInterface
    private interface Starts {
        long at(int number) throws IOException;
    }

    /** The last from one number to another that begins at an address or before; the one before the first where none does. */
    private static int last(Starts starts, int from, int to, long address) throws IOException {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (starts.at(middle) <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private long first(int number) throws IOException {
        if (firsts[number] == UNREAD) {
            long at = headerAddress + TABLE + (long) number * BLOCK * ENTRY;
            firsts[number] = headerAddress + file.readAddress(at, 4).getInt(0);
        }
        return firsts[number];
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
        int number = entry / BLOCK;
        if (number != blockAt) {
            int first = number * BLOCK;
            block = file.readAddress(
                    headerAddress + TABLE + (long) first * ENTRY, (long) Math.min(BLOCK, count - first) * ENTRY);
            blockAt = number;
        }
        return block.getInt(entry % BLOCK * ENTRY + offset);
    }
}
