package io.perfagent.unwind.cfi;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the FDE of an address is, as linkers write it down for the unwinder of the process itself (LSB core, 10.6.2): sorted, and in the one
 * encoding that they use.
 *
 * <pre>
 *   .eh_frame_hdr   1 │ encodings │ eh_frame_ptr │ count │ start, FDE │ start, FDE │ …      each counted from the header
 * </pre>
 */
public final class EntryTable {
    private static final int POINTER = 0x1b; // DW_EH_PE_pcrel | DW_EH_PE_sdata4
    private static final int COUNT = 0x03; // DW_EH_PE_udata4
    private static final int ENTRIES = 0x3b; // DW_EH_PE_datarel | DW_EH_PE_sdata4
    private static final int HEADER_BYTES = 12;
    private static final int ENTRY_BYTES = 8;

    private final ElfFile file;
    private final long header;
    private final int count;

    private EntryTable(ElfFile file, long header, int count) {
        this.file = file;
        this.header = header;
        this.count = count;
    }

    /** It reads the file as it is asked. Null of one that has none, or one in another form. */
    public static @Nullable EntryTable of(ElfFile file) throws IOException {
        Segment segment = file.segment(Segment.PT_GNU_EH_FRAME);
        if (segment == null) {
            return null;
        }
        ByteBuffer bytes = file.readAddress(segment.address(), HEADER_BYTES);
        boolean usual =
                bytes.get(0) == 1 && bytes.get(1) == POINTER && bytes.get(2) == COUNT && bytes.get(3) == ENTRIES;
        int count = bytes.getInt(HEADER_BYTES - 4);
        boolean mayBe = count > 0 && count <= FdeList.MAX_FDES;
        return usual && mayBe ? new EntryTable(file, segment.address(), count) : null;
    }

    /**
     * Where a function begins, and its FDE: ELF addresses.
     *
     * @param next where the next one begins
     */
    public record Entry(long start, long fde, long next) {}

    /** The last function that begins at or before an address; null where none does. */
    public @Nullable Entry lastAtOrBefore(long address) throws IOException {
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
        return low == 0
                ? null
                : new Entry(start(low - 1), header + word(low - 1, 1), low < count ? start(low) : Long.MAX_VALUE);
    }

    private long start(int index) throws IOException {
        return header + word(index, 0);
    }

    private int word(int index, int which) throws IOException {
        long at = header + HEADER_BYTES + (long) index * ENTRY_BYTES + (long) which * Integer.BYTES;
        return file.readAddress(at, Integer.BYTES).getInt(0);
    }
}
