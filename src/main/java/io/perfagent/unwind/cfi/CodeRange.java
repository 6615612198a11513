package io.perfagent.unwind.cfi;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;

/**
 * The executable segments of a file, and the 1 GiB window above the first of them that a table can cover: a hostile file may claim
 * any address, but a page index must stay small.
 */
public final class CodeRange {
    public static final long MAX_BYTES = 1L << 30;

    private final ElfFile file;
    private final long first;
    /** The segment found last: FDEs come in runs of the same one. */
    private long knownStart;

    private long knownEnd;

    private CodeRange(ElfFile file, long first) {
        this.file = file;
        this.first = first;
    }

    public static CodeRange of(ElfFile file) throws MalformedCfi {
        long first = Long.MAX_VALUE;
        for (Segment segment : file.segments()) {
            if (isCode(segment) && segment.address() >= 0) {
                first = Math.min(first, segment.address());
            }
        }
        if (first > 1L << 48) {
            throw new MalformedCfi(CfiError.BAD_RANGE);
        }
        return new CodeRange(file, first & -4096L);
    }

    /** ELF address of the first page of code. */
    public long first() {
        return first;
    }

    /** End, exclusive, of the segment that an address is in, or of the window; 0 where the address is not in code. */
    public long endAround(long address) {
        if (address < first || address - first >= MAX_BYTES) {
            return 0;
        }
        boolean known = address >= knownStart && address < knownEnd;
        return known || find(address) ? knownEnd : 0;
    }

    private boolean find(long address) {
        for (Segment segment : file.segments()) {
            long inside = address - segment.address();
            if (isCode(segment) && inside >= 0 && inside < segment.fileSize()) {
                knownStart = segment.address();
                knownEnd = Math.min(address + Math.min(segment.fileSize() - inside, MAX_BYTES), first + MAX_BYTES);
                return true;
            }
        }
        return false;
    }

    private static boolean isCode(Segment segment) {
        return segment.type() == Segment.PT_LOAD && segment.executable();
    }
}
