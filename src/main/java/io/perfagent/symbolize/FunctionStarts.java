package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where functions begin, also in a binary without symbols: the search table of {@code .eh_frame_hdr} (Linux Standard Base,
 * "Exception Frame Header"). With it all addresses of a function without a name share one placeholder.
 *
 * <pre>
 *   0 version 1 │ 1 pointer encoding │ 2 count encoding 0x03 │ 3 table encoding 0x3b │ 4 .eh_frame s32 │ 8 count u32
 *   12 table, sorted: function s32, FDE s32, both relative to the header
 * </pre>
 */
final class FunctionStarts {
    private static final int TABLE = 12;
    private static final int ENTRY = 8;
    private static final long MAX_FUNCTION_BYTES = 1 << 20;

    private final ByteBuffer header;
    private final long headerAddress;
    private final int count;

    private FunctionStarts(ByteBuffer header, long headerAddress, int count) {
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
                return new FunctionStarts(header, segment.address(), count(header));
            }
        } catch (IOException _) {
            // As if it had no table.
        }
        return new FunctionStarts(ByteBuffer.allocate(0), 0, 0);
    }

    private static int count(ByteBuffer header) {
        boolean usual = header.limit() >= TABLE && header.get(0) == 1 && header.get(2) == 0x03 && header.get(3) == 0x3b;
        return usual ? (int) Math.min(Integer.toUnsignedLong(header.getInt(8)), (header.limit() - TABLE) / ENTRY) : 0;
    }

    /** ELF address of the function that an ELF address is in; the address itself where no function begins shortly before. */
    long startOf(long address) {
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
        boolean near = low > 0 && address - start(low - 1) < MAX_FUNCTION_BYTES;
        return near ? start(low - 1) : address;
    }

    private long start(int entry) {
        return headerAddress + header.getInt(TABLE + entry * ENTRY);
    }
}
