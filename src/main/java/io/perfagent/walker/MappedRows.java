package io.perfagent.walker;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import java.util.List;

/**
 * The rows of a process's code by run-time address.
 *
 * @param code executable mappings, sorted, none over another
 */
record MappedRows(List<Mapping> code, TableStore tables, Slabs slabs) implements CodeRows {
    @Override
    public int row(long address) {
        int last = lastAtOrBefore(address);
        if (last < 0 || !code.get(last).contains(address)) {
            return UnwindRow.stop(WalkEnd.NO_MAPPING);
        }
        Mapping mapping = code.get(last);
        BinaryTable table = tables.get(mapping.file());
        return table == null
                ? UnwindRow.stop(WalkEnd.TABLE_PENDING)
                : new SlabRows(slabs, table.at(mapping)).row(address);
    }

    private int lastAtOrBefore(long address) {
        int low = 0;
        int high = code.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(code.get(middle).start(), address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
