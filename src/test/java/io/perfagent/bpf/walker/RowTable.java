package io.perfagent.bpf.walker;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An unwind table made straight from the text of {@code bpf/abi.h}, not by the agent's code.
 *
 * @param firstPage ELF address ≫ 12
 * @param pageIndex positions in {@code rows}
 * @param rows of all pages
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RowTable(long firstPage, int[] pageIndex, int[] rows) {

    /** A table of rules by ELF address, each of which holds up to the next; a page without any rule begun in it repeats the last. */
    public static RowTable of(SortedMap<Long, Integer> rules) {
        if (rules.isEmpty()) {
            return new RowTable(0, new int[1], new int[0]);
        }
        long first = rules.firstKey() >>> 12;
        long last = rules.lastKey() >>> 12;
        List<Integer> rows = new ArrayList<>();
        int[] index = new int[(int) (last - first) + 2];
        int inForce = UnwindRow.stop(WalkEnd.NO_RULE);
        for (long page = first; page <= last; page++) {
            index[(int) (page - first)] = rows.size();
            SortedMap<Long, Integer> begun = new TreeMap<>(rules.subMap(page << 12, (page + 1) << 12));
            begun.putIfAbsent(page << 12, inForce);
            for (Map.Entry<Long, Integer> rule : begun.entrySet()) {
                inForce = rule.getValue();
                rows.add((int) (rule.getKey() & 0xfff) << UnwindRow.ROW_OFFSET_SHIFT | inForce);
            }
        }
        index[index.length - 1] = rows.size();
        return new RowTable(first, index, rows.stream().mapToInt(i -> i).toArray());
    }

    /** Writes the page index, then the rows, from a word address on; the mapping of a binary with this table. */
    public CodeMapping write(HostWalker walker, int word, long start, long end, long bias) {
        return write(walker, word, word + pageIndex.length, start, end, bias);
    }

    /** The same with the rows elsewhere. */
    public CodeMapping write(HostWalker walker, int indexWord, int rowWord, long start, long end, long bias) {
        for (int i = 0; i < pageIndex.length; i++) {
            walker.write(indexWord + i, pageIndex[i] + rowWord);
        }
        walker.write(rowWord, rows);
        return new CodeMapping(start, end, bias, indexWord, (int) firstPage, pageIndex.length - 1, WalkEnd.NO_RULE);
    }
}
