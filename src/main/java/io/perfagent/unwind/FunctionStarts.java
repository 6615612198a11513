package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import io.perfagent.unwind.cfi.Workspace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where functions of a file begin, so far as its symbols, its FDEs and its linkage tables say so. */
final class FunctionStarts {
    /** Symbols of a table that are looked at. */
    private static final int MAX_SYMBOLS = 1 << 19;

    /** Every entry of a linkage table begins at a multiple of it. */
    private static final int LINKAGE_ALIGNMENT = 8;

    private final long[] symbols;
    private final int count;
    private final CodeRanges described;
    private final List<Section> linkage = new ArrayList<>();

    private FunctionStarts(long[] symbols, int count, CodeRanges described) {
        this.symbols = symbols;
        this.count = count;
        this.described = described;
    }

    /** Symbols that cannot be read are as if there were none. */
    static FunctionStarts of(ElfFile file, CodeRanges described, Workspace workspace) {
        Symbols found = new Symbols(workspace);
        try {
            found.add(SymbolTable.dynsymInFile(file));
            found.add(SymbolTable.symtabInFile(file));
        } catch (IOException _) {
            // those before the damage stand
        }
        Arrays.sort(found.addresses, 0, found.count);
        FunctionStarts starts = new FunctionStarts(found.addresses, found.count, described);
        for (Section section : file.sections()) {
            if (section.executable() && section.name().startsWith(".plt")) {
                starts.linkage.add(section);
            }
        }
        return starts;
    }

    /** Positions in a piece of code, as symbols say. */
    BitSet within(long address, int length) {
        BitSet positions = new BitSet();
        for (int i = firstFrom(address); i < count && symbols[i] - address < length; i++) {
            positions.set((int) (symbols[i] - address));
        }
        return positions;
    }

    /** The last function that begins behind an address, but not behind a limit; the limit where there is none. */
    long lastUpTo(long from, long limit) {
        int last = firstFrom(limit + 1) - 1;
        return last >= 0 && symbols[last] > from ? symbols[last] : limit;
    }

    boolean begins(long address) {
        int symbol = firstFrom(address);
        return (symbol < count && symbols[symbol] == address) || isDescribed(address) || isLinkage(address);
    }

    private boolean isDescribed(long address) {
        int low = 0;
        int high = described.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (described.start(middle) < address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < described.count() && described.start(low) == address;
    }

    private boolean isLinkage(long address) {
        for (Section section : linkage) {
            if (section.contains(address)) {
                return address % LINKAGE_ALIGNMENT == 0;
            }
        }
        return false;
    }

    private int firstFrom(long address) {
        int found = Arrays.binarySearch(symbols, 0, count, address);
        while (found > 0 && symbols[found - 1] == address) {
            found--;
        }
        return found < 0 ? -found - 1 : found;
    }

    /** Addresses of functions, as they come. */
    private static final class Symbols {
        private final Workspace workspace;
        private long[] addresses = new long[0];
        private int count;

        Symbols(Workspace workspace) {
            this.workspace = workspace;
        }

        void add(@Nullable SymbolTable table) {
            int size = table == null ? 0 : Math.min(table.size(), MAX_SYMBOLS);
            workspace.take((long) size * Long.BYTES);
            addresses = Arrays.copyOf(addresses, count + size);
            for (int i = 0; table != null && i < size; i++) {
                if (table.defined(i) && table.function(i)) {
                    addresses[count++] = table.address(i);
                }
            }
        }
    }
}
