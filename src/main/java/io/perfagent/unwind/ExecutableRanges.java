package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where a file has code: in some sections, or where it has no more headers of them, in some segments, which may have data too. */
record ExecutableRanges(List<Range> ranges) {
    /** Of a file whose code is described in full: Go's functions are, those in assembly too. */
    static final ExecutableRanges NONE = new ExecutableRanges(List.of());

    private static final long NOWHERE = Long.MAX_VALUE;
    private static final int SHT_PROGBITS = 1;

    /**
     * One of them.
     *
     * @param start ELF address
     * @param end exclusive
     */
    record Range(long start, long end) {}

    static ExecutableRanges of(ElfFile file) {
        List<Range> ranges = new ArrayList<>();
        for (Section section : file.sections()) {
            if (section.executable() && section.type() == SHT_PROGBITS) {
                add(ranges, section.address(), section.size());
            }
        }
        for (Segment segment : file.segments()) {
            if (file.sections().isEmpty() && segment.type() == Segment.PT_LOAD && segment.executable()) {
                add(ranges, segment.address(), segment.fileSize());
            }
        }
        return new ExecutableRanges(merged(ranges));
    }

    private static List<Range> merged(List<Range> ranges) {
        ranges.sort(Comparator.comparingLong(Range::start));
        List<Range> merged = new ArrayList<>();
        for (Range range : ranges) {
            boolean apart = merged.isEmpty() || merged.getLast().end < range.start;
            if (apart) {
                merged.add(range);
            } else {
                Range before = merged.removeLast();
                merged.add(new Range(before.start, Math.max(before.end, range.end)));
            }
        }
        return merged;
    }

    private static void add(List<Range> ranges, long start, long size) {
        if (start >= 0 && size > 0 && size <= NOWHERE - start) {
            ranges.add(new Range(start, start + size));
        }
    }

    /** The first address of code from one on, {@link Long#MAX_VALUE} where there is none. */
    long next(long from) {
        int index = firstEndingBehind(from);
        return index == ranges.size() ? NOWHERE : Math.max(from, ranges.get(index).start);
    }

    /** Where the code that an address lies in ends. */
    long end(long address) {
        return ranges.get(firstEndingBehind(address)).end;
    }

    private int firstEndingBehind(long address) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).end > address) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
