package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.UnwindTable;

/** What the kernel's search relies on, whatever the file was. */
final class SearchableTable {
    /** Rules that a dictionary of a test holds. */
    static final int DICTIONARY = 1_000;

    private SearchableTable() {}

    /** Rows in order in each page, each of a kind that the walker knows, and no more of them than the file has bytes. */
    static void expect(UnwindTable table, int fileSize) {
        int[] index = table.pageIndex();
        assertThat(index).hasSize(table.pageCount() + 1).isSorted();
        assertThat(table.rows().length).isEqualTo(index[table.pageCount()]).isLessThan(fileSize);
        assertThat(table.pageCount()).isLessThanOrEqualTo(1 << 18);
        for (int page = 0; page < table.pageCount(); page++) {
            for (int i = index[page]; i < index[page + 1]; i++) {
                expectRow(table.rows()[i], i == index[page] ? -1 : UnwindRow.offset(table.rows()[i - 1]));
            }
        }
    }

    private static void expectRow(int row, int before) {
        int offset = UnwindRow.offset(row);
        boolean sorted = before < 0 ? offset == 0 : offset > before;
        boolean known = UnwindRow.op(row) != UnwindRow.ROW_RULE || UnwindRow.argument(row) < DICTIONARY;
        boolean ends = UnwindRow.op(row) != UnwindRow.ROW_STOP || WalkEnd.of(UnwindRow.argument(row)) != null;
        if (!sorted || !known || !ends) {
            throw new AssertionError("row " + Integer.toHexString(row) + " after offset " + before);
        }
    }
}
