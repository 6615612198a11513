package io.perfagent.unwind.table;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.UnsupportedRule;

/**
 * The unwind rules of one ELF file, as the kernel reads them.
 *
 * <pre>
 *   pageIndex  | 0 | 3 | 3 | 9 | …          rows of page p: pageIndex[p] to pageIndex[p + 1], exclusive
 *                │   └─┬─┘   └──────────┐
 *   rows       | 0 . . | 0 . . . . . | …    sorted by offset in the page; the first of a page has offset 0
 *               page 0   page 2             (page 1 has no code that an FDE covers)
 * </pre>
 *
 * The rule of an address is the last row of its page at or before it. Return addresses are looked up one lower: they may be the
 * first byte behind their function. The arrays are the table's own: they are not to be changed.
 */
public final class UnwindTable {
    private final long firstPage;
    private final int[] pageIndex;
    private final int[] rows;
    private final int cfiRows;
    private final KeptFrames keptFrames;
    private final InterpreterFrame interpreter;
    private final Counts<CfiError> errors;
    private final Counts<UnsupportedRule> unsupported;

    UnwindTable(
            long firstPage,
            int[] pageIndex,
            int[] rows,
            int cfiRows,
            KeptFrames keptFrames,
            InterpreterFrame interpreter,
            Counts<CfiError> errors,
            Counts<UnsupportedRule> unsupported) {
        this.firstPage = firstPage;
        this.pageIndex = pageIndex;
        this.rows = rows;
        this.cfiRows = cfiRows;
        this.keptFrames = keptFrames;
        this.interpreter = interpreter;
        this.errors = errors;
        this.unsupported = unsupported;
    }

    /**
     * The same table for a place where words are stored in slabs of 1 MiB and no page's rows may lie in two: before a page that
     * would, the last row of the page before is repeated up to the slab's end. Only a hostile file has so many rows that this
     * leaves a page with more than 4,096, where the kernel's search ends early, inside the page.
     *
     * @param position of {@code rows[0]}, in words, in its slab or from the first slab's beginning
     */
    public UnwindTable place(int position) {
        return place(position, UnwindRow.SLAB_WORDS);
    }

    /** Words that {@link #place} gives the rows at a position. */
    public int wordsAt(int position) {
        return SlabPlacement.index(pageIndex, position, UnwindRow.SLAB_WORDS)[pageCount()];
    }

    /** The same for slabs of so many words. */
    public UnwindTable place(int position, int slab) {
        int[] index = SlabPlacement.index(pageIndex, position, slab);
        if (index[pageCount()] == rows.length) {
            return this;
        }
        int[] placed = SlabPlacement.move(rows, pageIndex, index);
        return new UnwindTable(firstPage, index, placed, cfiRows, keptFrames, interpreter, errors, unsupported);
    }

    /** The row for an ELF address; a stop without rule where there is none. */
    public int row(long elfAddress) {
        long page = (elfAddress >>> 12) - firstPage;
        if (page < 0 || page >= pageCount()) {
            return TableBuilder.NO_RULE;
        }
        int low = pageIndex[(int) page];
        int high = pageIndex[(int) page + 1];
        int last = lastAtOrBefore((int) elfAddress & 0xfff, low, high);
        return last < low ? TableBuilder.NO_RULE : rows[last];
    }

    /** ELF address of the first page, divided by 4,096. */
    public long firstPage() {
        return firstPage;
    }

    /** What the file says of code that keeps frame pointers. */
    public KeptFrames keptFrames() {
        return keptFrames;
    }

    /** In which frame code of the file's compiler runs. */
    public InterpreterFrame interpreter() {
        return interpreter;
    }

    /** The same table of a file that has an interpreter with a compiler. */
    public UnwindTable with(InterpreterFrame frame) {
        return new UnwindTable(firstPage, pageIndex, rows, cfiRows, keptFrames, frame, errors, unsupported);
    }

    /** Why an address outside of the pages has no rule: there is call-frame information, but not of it, or none at all. */
    public WalkEnd outside() {
        return cfiRows == 0 ? WalkEnd.NO_TABLE : WalkEnd.NO_RULE;
    }

    public int pageCount() {
        return pageIndex.length - 1;
    }

    /** One position in {@link #rows} more than there are pages. */
    public int[] pageIndex() {
        return pageIndex;
    }

    /** Rows of {@link UnwindRow}. */
    public int[] rows() {
        return rows;
    }

    /** Rows that the call-frame information had before equal neighbours were merged. */
    public int cfiRows() {
        return cfiRows;
    }

    public Counts<CfiError> errors() {
        return errors;
    }

    /** Rows of the call-frame information that became stops because no rule of ours can say the same. */
    public Counts<UnsupportedRule> unsupported() {
        return unsupported;
    }

    private int lastAtOrBefore(int offset, int from, int to) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (UnwindRow.offset(rows[middle]) <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
