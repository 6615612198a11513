package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolNames;
import io.perfagent.elf.SymbolTable;
import io.perfagent.elf.TooLargeException;
import io.perfagent.model.PrintableName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The functions of one binary by ELF address: {@code .symtab}, or else that of its debug file, or else the one that
 * {@code .gnu_debugdata} holds; together with {@code .dynsym} and the stubs of the procedure linkage table. C++ and Rust names stay mangled: pprof demangles them.
 */
final class ElfSymbols implements AutoCloseable {
    private static final int MAX_FUNCTIONS = 1 << 21;
    private static final int MAX_ALIASES = 1 << 17;

    private final ElfFile file;
    private final Tables tables;
    /** By number of the range: where the function's name is in that of the tables that {@link #inSecond} says. */
    private final int[] nameOffsets;

    private final BitSet inSecond;
    private final AddressRanges ranges;
    private @Nullable PltStubs stubs;

    private ElfSymbols(ElfFile file, Tables tables, int[] nameOffsets, BitSet inSecond, AddressRanges ranges) {
        this.file = file;
        this.tables = tables;
        this.nameOffsets = nameOffsets;
        this.inSecond = inSecond;
        this.ranges = ranges;
    }

    /**
     * Reads the tables of a file. What is damaged is left out: a hostile table costs its own names only.
     *
     * @param file stays open as long as the symbols are used: names and the linkage table are read when they are needed
     * @param targetsDebugFile the one that the target itself has; likewise
     */
    static ElfSymbols of(ElfFile file, @Nullable ElfFile targetsDebugFile) {
        return of(file, DebugFile.DIRECTORY, targetsDebugFile);
    }

    static ElfSymbols of(ElfFile file, Path debugFiles, @Nullable ElfFile targetsDebugFile) {
        Tables tables = new Tables();
        tables.read(() -> SymbolTable.symtabInFile(file));
        if (tables.none()) {
            tables.read(() -> tables.ofDebugFile(DebugFile.open(debugFiles, file.buildId())));
        }
        if (tables.none() && targetsDebugFile != null) {
            tables.read(() -> SymbolTable.symtabInFile(targetsDebugFile));
        }
        if (tables.none()) {
            tables.read(() -> MiniDebugInfo.symtab(file));
        }
        tables.read(() -> SymbolTable.dynsymInFile(file));
        return new Builder(file, tables).build();
    }

    /** The name of the function at an ELF address; null where there is none. */
    @Nullable
    String find(long address) {
        String function = function(address);
        if (function != null) {
            return function;
        }
        if (stubs == null) {
            stubs = PltStubs.of(file, this::function);
        }
        return stubs.find(address);
    }

    /** Whether there is a table that could not be read for its size. */
    boolean tooLarge() {
        return tables.tooLarge;
    }

    private @Nullable String function(long address) {
        int found = ranges.find(address);
        return found == AddressRanges.NONE ? null : name(found);
    }

    private @Nullable String name(int function) {
        SymbolNames names = tables.names.get(inSecond.get(function) ? 1 : 0);
        String name = names.at(Integer.toUnsignedLong(nameOffsets[function]));
        int version = name.indexOf('@', 1);
        return name.isEmpty() ? null : PrintableName.of(version < 0 ? name : name.substring(0, version));
    }

    @Override
    public void close() throws IOException {
        tables.close();
    }

    /** At most two tables, the first that names local functions too and the dynamic one; once an index is built, their names only. */
    private static final class Tables implements AutoCloseable {
        private List<SymbolTable> all = new ArrayList<>();
        private List<SymbolNames> names = List.of();
        private boolean tooLarge;
        private @Nullable ElfFile debugFile;

        void read(TableReader reader) {
            try {
                SymbolTable table = reader.read();
                if (table != null) {
                    all.add(table);
                }
            } catch (TooLargeException _) {
                tooLarge = true;
            } catch (IOException _) {
                // As if there were none.
            }
        }

        boolean none() {
            return all.isEmpty();
        }

        @Nullable
        SymbolTable ofDebugFile(@Nullable ElfFile file) throws IOException {
            debugFile = file;
            return file == null ? null : SymbolTable.symtabInFile(file);
        }

        void keepNamesOnly() {
            names = all.stream().map(SymbolTable::names).toList();
            all = List.of();
        }

        @Override
        public void close() throws IOException {
            if (debugFile != null) {
                debugFile.close();
            }
        }
    }

    private interface TableReader {
        @Nullable
        SymbolTable read() throws IOException;
    }

    /** Collects, sorts, drops all but the best name of each address, and closes the gaps that sizes of 0 leave. */
    private static final class Builder {
        private final ElfFile file;
        private final Tables tables;
        private long[] addresses = new long[1024];
        private long[] sizes = new long[1024];
        private int[] symbols = new int[1024];
        private byte[] ranks = new byte[1024];
        private int count;
        private int aliases;

        Builder(ElfFile file, Tables tables) {
            this.file = file;
            this.tables = tables;
        }

        ElfSymbols build() {
            int base = 0;
            for (SymbolTable table : tables.all) {
                collect(table, base);
                base += table.size();
            }
            return index(bestByAddress(AddressOrder.of(addresses, count)));
        }

        private void collect(SymbolTable table, int base) {
            for (int index = 0; index < table.size() && count < MAX_FUNCTIONS; index++) {
                if (table.function(index) && table.defined(index) && table.named(index)) {
                    add(table.address(index), table.symbolSize(index), base + index, table.binding(index));
                }
            }
        }

        private void add(long address, long size, int symbol, int binding) {
            if (count == symbols.length) {
                addresses = Arrays.copyOf(addresses, count * 2);
                sizes = Arrays.copyOf(sizes, count * 2);
                symbols = Arrays.copyOf(symbols, count * 2);
                ranks = Arrays.copyOf(ranks, count * 2);
            }
            boolean sized = size > 0 && address + size > address;
            addresses[count] = address;
            sizes[count] = sized ? size : 0;
            symbols[count] = symbol;
            ranks[count++] = (byte) ((sized ? 4 : 0) + preference(binding));
        }

        /** Global before weak before local. */
        private static int preference(int binding) {
            return switch (binding) {
                case 0 -> 0;
                case 2 -> 1;
                default -> 2;
            };
        }

        private int[] bestByAddress(int[] order) {
            int[] best = new int[order.length];
            int kept = 0;
            for (int entry : order) {
                if (kept > 0 && addresses[best[kept - 1]] == addresses[entry]) {
                    best[kept - 1] = better(best[kept - 1], entry);
                } else {
                    best[kept++] = entry;
                }
            }
            return Arrays.copyOf(best, kept);
        }

        /** By rank, then the name with fewer leading underscores, then the first. Names of a hostile number of aliases are not read. */
        private int better(int one, int other) {
            if (ranks[one] != ranks[other]) {
                return ranks[one] > ranks[other] ? one : other;
            }
            if (++aliases > MAX_ALIASES) {
                return one;
            }
            return underscores(other) < underscores(one) ? other : one;
        }

        private int underscores(int entry) {
            SymbolTable table = table(symbols[entry]);
            return table.names().underscores(table.nameOffset(index(symbols[entry])));
        }

        /** Symbols of both tables are numbered through, those of the first before those of the second. */
        private SymbolTable table(int symbol) {
            return tables.all.get(inSecond(symbol) ? 1 : 0);
        }

        private int index(int symbol) {
            return inSecond(symbol) ? symbol - tables.all.getFirst().size() : symbol;
        }

        private boolean inSecond(int symbol) {
            return symbol >= tables.all.getFirst().size();
        }

        private ElfSymbols index(int[] best) {
            long[] starts = new long[best.length];
            long[] ends = new long[best.length];
            int[] nameOffsets = new int[best.length];
            BitSet inSecond = new BitSet();
            for (int at = 0; at < best.length; at++) {
                long next = at + 1 < best.length ? addresses[best[at + 1]] : Long.MAX_VALUE;
                int entry = best[at];
                starts[at] = addresses[entry];
                ends[at] = sizes[entry] > 0 ? starts[at] + sizes[entry] : Math.min(next, sectionEnd(starts[at]));
                nameOffsets[at] = (int) table(symbols[entry]).nameOffset(index(symbols[entry]));
                inSecond.set(at, inSecond(symbols[entry]));
            }
            tables.keepNamesOnly();
            return new ElfSymbols(file, tables, nameOffsets, inSecond, AddressRanges.of(starts, ends, best.length));
        }

        /** A symbol without size ends with its section at the latest. */
        private long sectionEnd(long address) {
            for (Section section : file.sections()) {
                if (section.executable() && section.contains(address)) {
                    return section.address() + section.size();
                }
            }
            return address + 1;
        }
    }
}
