package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.FrameSearchTable;
import io.perfagent.elf.Section;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where functions begin, also in a binary without symbols: with that all addresses of a function without a name share one placeholder. Behind the
 * end of a function, which its FDE tells, there is code that has none, up to 1.6 MB in programs that hold V8: such a gap has a placeholder of its own.
 *
 * <pre>
 *   FDE: 0 length u32 │ 4 CIE u32 │ 8 function, 4 or 8 bytes, relative to itself or absolute │ size, as many bytes
 * </pre>
 */
final class FunctionStarts {
    private static final int FDE_BYTES = 24;
    private static final long MAX_FUNCTION_BYTES = 1 << 20;

    private final ElfFile file;
    private final FrameSearchTable table;

    private FunctionStarts(ElfFile file, FrameSearchTable table) {
        this.file = file;
        this.table = table;
    }

    /** No starts where the file has no table of the usual encoding. */
    static FunctionStarts of(ElfFile file) {
        return new FunctionStarts(file, FrameSearchTable.of(file));
    }

    /** Those of a file without a table. */
    static FunctionStarts none(ElfFile file) {
        return new FunctionStarts(file, FrameSearchTable.empty(file));
    }

    long heapBytes() {
        return table.heapBytes();
    }

    /**
     * ELF address of the function that an ELF address is in, or of the gap behind one; the address itself where no function begins
     * before.
     */
    long startOf(long address) {
        try {
            int entry = table.lastAtOrBefore(address);
            return entry == FrameSearchTable.NONE ? address : startOf(address, entry);
        } catch (IOException _) {
            return address;
        }
    }

    private long startOf(long address, int entry) throws IOException {
        long start = table.start(entry);
        long size = size(entry, start);
        if (size >= 0 && address - start >= size) {
            return gap(start + size, address);
        }
        return size >= 0 || address - start < MAX_FUNCTION_BYTES ? start : address;
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
    private long size(int entry, long start) {
        try {
            long fde = table.fde(entry);
            ByteBuffer bytes = file.readAddress(fde, FDE_BYTES);
            if (fde + 8 + bytes.getInt(8) == start) {
                return Integer.toUnsignedLong(bytes.getInt(12));
            }
            boolean wide = fde + 8 + bytes.getLong(8) == start || bytes.getLong(8) == start;
            return wide ? Math.max(-1, bytes.getLong(16)) : -1;
        } catch (IOException _) {
            return -1;
        }
    }
}
