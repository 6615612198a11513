package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.python.inject.AddressRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where functions begin, also in a stripped file, from {@code .eh_frame_hdr} (LSB Core, "Eh_Frame_Hdr"), a sorted table:
 *
 * <pre>
 *   0 version 1 │ 1 eh_frame_ptr enc │ 2 count enc 0x03 │ 3 table enc 0x3b │ 4 eh_frame_ptr i32 │ 8 count u32
 *   12 …: start i32 │ FDE i32, both relative to the table's own address
 * </pre>
 */
final class FunctionStarts {
    private static final int COUNT_U32 = 0x03;
    private static final int TABLE_RELATIVE_I32 = 0x3b;
    private static final int HEADER = 12;
    private static final int ENTRY = 8;

    private final long[] starts;

    private FunctionStarts(long[] starts) {
        this.starts = starts;
    }

    /** Empty where the file has no table, or one in another encoding. */
    static FunctionStarts read(ElfFile file) throws IOException {
        Segment segment = file.segment(Segment.PT_GNU_EH_FRAME);
        if (segment == null || segment.fileSize() < HEADER) {
            return new FunctionStarts(new long[0]);
        }
        ByteBuffer table = file.read(segment);
        boolean known = table.get(0) == 1 && table.get(2) == COUNT_U32 && table.get(3) == TABLE_RELATIVE_I32;
        long count = Math.min(Integer.toUnsignedLong(table.getInt(8)), (table.limit() - HEADER) / ENTRY);
        long[] starts = new long[known ? (int) count : 0];
        for (int index = 0; index < starts.length; index++) {
            starts[index] = segment.address() + table.getInt(HEADER + ENTRY * index);
        }
        Arrays.sort(starts);
        return new FunctionStarts(starts);
    }

    /** The function, or part of one, that holds an ELF address; null where there is none, or it is the last. */
    @Nullable
    AddressRange around(long address) {
        int index = Arrays.binarySearch(starts, address);
        index = index >= 0 ? index : -index - 2;
        return index >= 0 && index + 1 < starts.length ? new AddressRange(starts[index], starts[index + 1]) : null;
    }
}
