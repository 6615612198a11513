package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import io.perfagent.model.PrintableName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The functions of one binary by ELF address: {@code .symtab}, or else that of its debug file, or else the one that
 * {@code .gnu_debugdata} holds; together with {@code .dynsym} and the stubs of the procedure linkage table. C++ and Rust names stay mangled: pprof demangles them.
 */
final class ElfSymbols {
    private static final int MAX_FUNCTIONS = 1 << 21;

    private final ElfFile file;
    private final List<SymbolTable> tables;
    private final int[] functions;
    private final AddressRanges ranges;
    private @Nullable PltStubs stubs;

    private ElfSymbols(ElfFile file, List<SymbolTable> tables, int[] functions, AddressRanges ranges) {
        this.file = file;
        this.tables = tables;
        this.functions = functions;
        this.ranges = ranges;
    }

    /**
     * Reads the tables of a file. What is damaged is left out: a hostile table costs its own names only.
     *
     * @param file stays open as long as the symbols are used: the linkage table is read on first need
     * @param targetsDebugFile the one that the target itself has
     */
    static ElfSymbols of(ElfFile file, @Nullable ElfFile targetsDebugFile) {
        return of(file, DebugFile.DIRECTORY, targetsDebugFile);
    }

    static ElfSymbols of(ElfFile file, Path debugFiles, @Nullable ElfFile targetsDebugFile) {
        SymbolTable full = readOrNull(() -> SymbolTable.symtab(file));
        full = full != null ? full : readOrNull(() -> DebugFile.symtab(debugFiles, file.buildId()));
        full = full != null || targetsDebugFile == null ? full : readOrNull(() -> SymbolTable.symtab(targetsDebugFile));
        full = full != null ? full : readOrNull(() -> MiniDebugInfo.symtab(file));
        SymbolTable dynamic = readOrNull(() -> SymbolTable.dynsym(file));
        List<SymbolTable> tables =
                Stream.of(full, dynamic).filter(Objects::nonNull).toList();
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

    private @Nullable String function(long address) {
        int found = ranges.find(address);
        return found == AddressRanges.NONE ? null : name(tables, functions[found]);
    }

    /** Symbols of both tables are numbered through, those of the first before those of the second. */
    private static String name(List<SymbolTable> tables, int symbol) {
        int first = tables.getFirst().size();
        String name =
                symbol < first ? tables.getFirst().name(symbol) : tables.get(1).name(symbol - first);
        int version = name.indexOf('@', 1);
        return PrintableName.of(version < 0 ? name : name.substring(0, version));
    }

    private static @Nullable SymbolTable readOrNull(TableReader reader) {
        try {
            return reader.read();
        } catch (IOException _) {
            return null;
        }
    }

    private interface TableReader {
        @Nullable
        SymbolTable read() throws IOException;
    }

    /** Collects, sorts, drops all but the best name of each address, and closes the gaps that sizes of 0 leave. */
    private static final class Builder {
        private final ElfFile file;
        private final List<SymbolTable> tables;
        private long[] addresses = new long[1024];
        private long[] sizes = new long[1024];
        private int[] symbols = new int[1024];
        private byte[] ranks = new byte[1024];
        private int count;

        Builder(ElfFile file, List<SymbolTable> tables) {
            this.file = file;
            this.tables = tables;
        }

        ElfSymbols build() {
            int base = 0;
            for (SymbolTable table : tables) {
                collect(table, base);
                base += table.size();
            }
            return index(bestByAddress(AddressOrder.of(addresses, count)));
        }

        private void collect(SymbolTable table, int base) {
            for (int index = 0; index < table.size() && count < MAX_FUNCTIONS; index++) {
                if (table.function(index) && table.defined(index) && table.nameByte(index, 0) != 0) {
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

        /** By rank, then the name with fewer leading underscores, then the first. */
        private int better(int one, int other) {
            if (ranks[one] != ranks[other]) {
                return ranks[one] > ranks[other] ? one : other;
            }
            return underscores(other) < underscores(one) ? other : one;
        }

        private int underscores(int entry) {
            int symbol = symbols[entry];
            int first = tables.getFirst().size();
            SymbolTable table = symbol < first ? tables.getFirst() : tables.get(1);
            int at = 0;
            while (table.nameByte(symbol < first ? symbol : symbol - first, at) == '_') {
                at++;
            }
            return at;
        }

        private ElfSymbols index(int[] best) {
            long[] starts = new long[best.length];
            long[] ends = new long[best.length];
            int[] functions = new int[best.length];
            for (int at = 0; at < best.length; at++) {
                long next = at + 1 < best.length ? addresses[best[at + 1]] : Long.MAX_VALUE;
                int entry = best[at];
                starts[at] = addresses[entry];
                ends[at] = sizes[entry] > 0 ? starts[at] + sizes[entry] : Math.min(next, sectionEnd(starts[at]));
                functions[at] = symbols[entry];
            }
            return new ElfSymbols(file, tables, functions, AddressRanges.of(starts, ends, best.length));
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
