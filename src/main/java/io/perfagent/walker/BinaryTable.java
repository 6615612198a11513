package io.perfagent.walker;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.elf.Segment;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.UnwindTable;
import java.util.List;

/**
 * Where the walker finds the table of one binary; every process that maps the binary uses the same.
 *
 * @param segments of the binary, which place a mapping in it
 * @param index word address of the page index
 * @param firstPage ELF address ≫ 12
 * @param pageCount 0 where there is no table; the page index has one word more
 * @param rows word address of the rows
 * @param rowCount words that they take
 * @param outside why there is no rule outside of these pages
 * @param keptFrames as in {@link UnwindTable#keptFrames}
 * @param interpreter as in {@link UnwindTable#interpreter}
 */
record BinaryTable(
        List<Segment> segments,
        int index,
        long firstPage,
        int pageCount,
        int rows,
        int rowCount,
        WalkEnd outside,
        KeptFrames keptFrames,
        InterpreterFrame interpreter) {
    /** Of a page's number the walker is told these bits; the others go into the bias. Only code made at run time has any. */
    private static final long PAGE_BITS = (1L << 31) - 1;

    private static final int PAGE_SHIFT = 12;

    static final BinaryTable NONE = none(List.of());

    static BinaryTable none(List<Segment> segments) {
        return new BinaryTable(segments, 0, 0, 0, 0, 0, WalkEnd.NO_TABLE, KeptFrames.UNKNOWN, InterpreterFrame.UNKNOWN);
    }

    /** Words that it takes in the slabs. */
    int words() {
        return pageCount == 0 ? 0 : pageCount + 1 + rowCount;
    }

    /** Whether it says in which frames code runs that its process has made. */
    boolean tellsOfMadeCode() {
        return keptFrames != KeptFrames.UNKNOWN || !interpreter.equals(InterpreterFrame.UNKNOWN);
    }

    /** A mapping whose table is not there yet. */
    static CodeMapping pending(Mapping mapping) {
        return new CodeMapping(mapping.start(), mapping.end(), 0, 0, 0, 0, WalkEnd.TABLE_PENDING);
    }

    CodeMapping at(Mapping mapping) {
        long address = addressOf(mapping.fileOffset());
        boolean placed = address >= 0 && pageCount > 0;
        return new CodeMapping(
                mapping.start(),
                mapping.end(),
                placed ? mapping.start() - address + ((firstPage & ~PAGE_BITS) << PAGE_SHIFT) : 0,
                index,
                (int) (firstPage & PAGE_BITS),
                placed ? pageCount : 0,
                placed ? outside : WalkEnd.NO_TABLE);
    }

    /** As {@link io.perfagent.elf.ElfFile#addressOfOffset}, without the file. */
    private long addressOf(long fileOffset) {
        return Segment.addressOfOffset(segments, fileOffset);
    }
}
