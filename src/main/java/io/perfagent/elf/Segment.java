package io.perfagent.elf;

import java.util.List;

/**
 * A program header (ELF-64, gABI chapter 5).
 *
 * @param type PT_…
 * @param flags PF_X 1, PF_W 2, PF_R 4
 * @param offset in the file
 * @param address ELF address
 * @param fileSize bytes in the file
 * @param memorySize bytes in memory
 */
public record Segment(int type, int flags, long offset, long address, long fileSize, long memorySize) {
    public static final int PT_LOAD = 1;
    public static final int PT_DYNAMIC = 2;
    public static final int PT_INTERP = 3;
    public static final int PT_NOTE = 4;
    public static final int PT_GNU_EH_FRAME = 0x6474e550;

    public boolean executable() {
        return (flags & 1) != 0;
    }

    /**
     * ELF address of a file offset, by the executable PT_LOAD segment that holds it, else by any; −1 where none does. The page
     * that a segment begins in counts: the kernel maps whole pages.
     */
    public static long addressOfOffset(List<Segment> segments, long fileOffset) {
        long found = -1;
        for (Segment segment : segments) {
            long pageStart = segment.offset() & -4096L;
            if (segment.type() == PT_LOAD
                    && fileOffset >= pageStart
                    && fileOffset < segment.offset() + segment.fileSize()
                    && (found == -1 || segment.executable())) {
                found = segment.address() - segment.offset() + fileOffset;
            }
        }
        return found;
    }
}
