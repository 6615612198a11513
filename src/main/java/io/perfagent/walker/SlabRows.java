package io.perfagent.walker;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.unwind.table.TableBuilder;

/** The rows of a mapping, read where the kernel's walker reads them. */
final class SlabRows {
    private final Slabs slabs;
    private final CodeMapping mapping;

    SlabRows(Slabs slabs, CodeMapping mapping) {
        this.slabs = slabs;
        this.mapping = mapping;
    }

    /** As {@link CodeRows#row}, for an address inside the mapping. */
    int row(long address) {
        long elfAddress = address - mapping.bias();
        long page = (elfAddress >>> 12) - mapping.firstPage();
        if (page < 0 || page >= mapping.pageCount()) {
            return UnwindRow.stop(mapping.tableEnd());
        }
        int low = word(mapping.index() + (int) page);
        int high = word(mapping.index() + (int) page + 1);
        int last = lastAtOrBefore((int) elfAddress & 0xfff, low, high);
        return last < low ? TableBuilder.NO_RULE : UnwindRow.ruleOf(word(last));
    }

    private int lastAtOrBefore(int offset, int from, int to) {
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
