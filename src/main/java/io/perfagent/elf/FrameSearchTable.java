package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where functions begin, also in a file without symbols, and where their FDEs are: {@code .eh_frame_hdr} (Linux Standard Base, "Exception
 * Frame Header"), sorted as linkers write it, in the one encoding that they use. The table is left in the file and read as far as it is asked.
 * ELF addresses. One thread at a time.
 *
 * <pre>
 *   0 version 1 │ 1 pointer encoding │ 2 count encoding 0x03 │ 3 table encoding 0x3b │ 4 .eh_frame s32 │ 8 count u32
 *   12 table, sorted: function s32, FDE s32, both relative to the header
 * </pre>
 */
public final class FrameSearchTable {
    /** Before every entry. */
    public static final int NONE = -1;

    private static final int TABLE = 12;
    private static final int ENTRY = 8;
    private static final int FDE = 4;
    private static final int COUNT_U32 = 0x03;
    private static final int FROM_HEADER_S32 = 0x3b;
    private static final long UNREAD = Long.MIN_VALUE;

    /** Entries that are read at once, where a search has come so far. */
    private static final int BLOCK = 128;

    /** More than browsers have; a file may claim any number. */
    private static final int MOST = 1 << 22;

    private final ElfFile file;
    private final long header;
    private final int count;
    /** Where the first function of each block begins, as far as it has been read; {@link #UNREAD} elsewhere. */
    private final long[] firsts;

    private ByteBuffer block = ByteBuffer.allocate(0);
    private int blockAt = -1;

    private FrameSearchTable(ElfFile file, long header, int count) {
        this.file = file;
        this.header = header;
        this.count = count;
        this.firsts = new long[(count + BLOCK - 1) / BLOCK];
        Arrays.fill(firsts, UNREAD);
    }

    /** Without entries where the file has none, or one in another encoding. */
    public static FrameSearchTable of(ElfFile file) {
        Segment segment = file.segment(Segment.PT_GNU_EH_FRAME);
        try {
            if (segment != null) {
                ByteBuffer header = file.readAddress(segment.address(), TABLE);
                return new FrameSearchTable(file, segment.address(), count(header, segment.fileSize()));
            }
        } catch (IOException _) {
            // As if it had none.
        }
        return empty(file);
    }

    private static int count(ByteBuffer header, long bytes) {
        boolean usual = header.get(0) == 1 && header.get(2) == COUNT_U32 && header.get(3) == FROM_HEADER_S32;
        long room = Math.clamp((bytes - TABLE) / ENTRY, 0, Integer.MAX_VALUE);
        long count = usual ? Math.min(Integer.toUnsignedLong(header.getInt(8)), room) : 0;
        return count <= MOST ? (int) count : 0;
    }

    /** One without entries. */
    public static FrameSearchTable empty(ElfFile file) {
        return new FrameSearchTable(file, 0, 0);
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** The most that it takes. */
    public long heapBytes() {
        return (long) firsts.length * Long.BYTES + (long) BLOCK * ENTRY;
    }

    /** The last entry whose function begins at an address or before; {@link #NONE} where all begin behind it. */
    public int lastAtOrBefore(long address) throws IOException {
        int from = last(this::first, 0, firsts.length, address) * BLOCK;
        return from < 0 ? NONE : last(this::start, from, Math.min(count, from + BLOCK), address);
    }

    /** Where the function of an entry begins. */
    public long start(int entry) throws IOException {
        return header + field(entry, 0);
    }

    /** Where the one behind it does; behind all code for the last. */
    public long next(int entry) throws IOException {
        return entry + 1 < count ? start(entry + 1) : Long.MAX_VALUE;
    }

    /** Where the FDE of an entry is. */
    public long fde(int entry) throws IOException {
        return header + field(entry, FDE);
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
            long at = header + TABLE + (long) number * BLOCK * ENTRY;
            firsts[number] = header + file.readAddress(at, Integer.BYTES).getInt(0);
        }
        return firsts[number];
    }

    private int field(int entry, int offset) throws IOException {
        int number = entry / BLOCK;
        if (number != blockAt) {
            int first = number * BLOCK;
            long at = header + TABLE + (long) first * ENTRY;
            block = file.readAddress(at, (long) Math.min(BLOCK, count - first) * ENTRY);
            blockAt = number;
        }
        return block.getInt(entry % BLOCK * ENTRY + offset);
    }
}
