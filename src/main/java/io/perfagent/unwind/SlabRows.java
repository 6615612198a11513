package io.perfagent.unwind;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.bpf.Slabs;
import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import java.util.List;

/** The rows of some mappings, read where the kernel's walker reads them. */
final class SlabRows implements CodeRows {
    private final Slabs slabs;
    private final List<CodeMapping> mappings;

    /** @param mappings sorted, none over another */
    SlabRows(Slabs slabs, List<CodeMapping> mappings) {
        this.slabs = slabs;
        this.mappings = mappings;
    }

    @Override
    public int row(long address) {
        int found = lastMappingAtOrBefore(address);
        boolean inside =
                found >= 0 && Long.compareUnsigned(address, mappings.get(found).end()) < 0;
        return inside ? row(mappings.get(found), address) : UnwindRow.stop(WalkEnd.NO_MAPPING);
    }

    private int lastMappingAtOrBefore(long address) {
        int low = 0;
        int high = mappings.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(mappings.get(middle).start(), address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private int row(CodeMapping mapping, long address) {
        if (mapping.pageCount() == 0) {
            return UnwindRow.stop(mapping.tableEnd());
        }
        long elfAddress = address - mapping.bias();
        long page = (elfAddress >>> 12) - mapping.firstPage();
        if (page < 0 || page >= mapping.pageCount()) {
            return TableBuilder.NO_RULE;
        }
        int low = word(mapping.index() + (int) page);
        int high = word(mapping.index() + (int) page + 1);
        int last = lastRowAtOrBefore((int) elfAddress & 0xfff, low, high);
        return last < low ? TableBuilder.NO_RULE : UnwindRow.ruleOf(word(last));
    }

    private int lastRowAtOrBefore(int offset, int from, int to) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (UnwindRow.offset(word(middle)) <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private int word(int address) {
        return slabs.slab(address).getAtIndex(JAVA_INT, Slabs.inSlab(address));
    }
}
