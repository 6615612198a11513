package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolNames;
import io.perfagent.elf.SymbolTable;
import io.perfagent.elf.TooLargeException;
import io.perfagent.model.Budget;
import io.perfagent.model.PrintableName;
import io.perfagent.model.SymbolMiss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    /** Bytes of heap that a function takes: its name's place, and a bound with an owner twice. */
    private static final int KEPT_PER_FUNCTION = 4 + 1 + 2 * 12;
    /** While they are sorted: what is collected, the order, and the ranges with the arrays that they grow out of. */
    private static final int WORK_PER_FUNCTION = 72;

    private final ElfFile file;
    private final Tables tables;
    private final Budget.Kept room;
    private final @Nullable SymbolMiss miss;
    private final Functions functions;
    private @Nullable PltStubs stubs;

    private ElfSymbols(ElfFile file, Tables tables, Budget.Kept room, @Nullable SymbolMiss miss, Functions functions) {
        this.file = file;
        this.tables = tables;
        this.room = room;
        this.miss = miss;
        this.functions = functions;
    }

    /** Which function an address is in, and where its name is. */
    private static final class Functions {
        static final Functions NONE =
                new Functions(new int[0], new BitSet(), AddressRanges.of(new long[0], new long[0], 0));

        /** By number of the range: where the function's name is in that of the tables that {@link #inSecond} says. */
        private final int[] nameOffsets;

        private final BitSet inSecond;
        private final AddressRanges ranges;

        Functions(int[] nameOffsets, BitSet inSecond, AddressRanges ranges) {
            this.nameOffsets = nameOffsets;
            this.inSecond = inSecond;
            this.ranges = ranges;
        }
    }

    /**
     * Reads the tables of a file. What is damaged is left out: a hostile table costs its own names only.
     *
     * @param file stays open as long as the symbols are used: names and the linkage table are read when they are needed
     * @param targetsDebugFile the one that the target itself has; likewise
     * @param room takes what is kept of them
     */
    static ElfSymbols of(ElfFile file, @Nullable ElfFile targetsDebugFile, Budget.Kept room) {
        return of(file, DebugFile.DIRECTORY, targetsDebugFile, room);
    }

    static ElfSymbols of(ElfFile file, Path debugFiles, @Nullable ElfFile targetsDebugFile, Budget.Kept room) {
        Tables tables = new Tables();
        tables.read(() -> SymbolTable.symtabInFile(file));
        if (tables.none()) {
            tables.read(() -> tables.ofDebugFile(DebugFile.open(debugFiles, file.buildId())));
        }
        if (tables.none() && targetsDebugFile != null) {
            tables.read(() -> SymbolTable.symtabInFile(targetsDebugFile));
        }
        if (tables.none()) {
            tables.read(() -> MiniDebugInfo.symtab(file, room));
        }
        tables.read(() -> SymbolTable.dynsymInFile(file));
        return index(file, tables, room);
    }

    /** Where not all tables have room, the dynamic one, which is the smaller, may have. */
    private static ElfSymbols index(ElfFile file, Tables tables, Budget.Kept room) {
        SymbolMiss miss = tables.tooLarge ? SymbolMiss.TOO_MANY_SYMBOLS : null;
        while (!tables.none()) {
            int functions = tables.functions();
            long kept = (long) functions * KEPT_PER_FUNCTION;
            try (Budget.Work work = room.budget().work((long) functions * WORK_PER_FUNCTION)) {
                if (work != null && room.grow(kept)) {
                    return new ElfSymbols(file, tables, room, miss, new Builder(file, tables, functions).build());
                }
                miss = work == null || !room.budget().mayKeep(kept) ? SymbolMiss.TOO_MANY_SYMBOLS : SymbolMiss.NO_ROOM;
            }
            tables.all.removeFirst();
        }
        return new ElfSymbols(file, tables, room, miss, Functions.NONE);
    }

    /** The name of the function at an ELF address; null where there is none. */
    @Nullable
    String find(long address) {
        String function = function(address);
        if (function != null) {
            return function;
        }
        if (stubs == null) {
            stubs = PltStubs.of(file, this::function, room);
        }
        return stubs.find(address);
    }

    /** Why a table could not be read, or not be kept; null where all could. */
    @Nullable
    SymbolMiss miss() {
        boolean stubsLeftOut = stubs != null && stubs.withoutRoom();
        return miss == null && stubsLeftOut ? SymbolMiss.NO_ROOM : miss;
    }

    private @Nullable String function(long address) {
        int found = functions.ranges.find(address);
        return found == AddressRanges.NONE ? null : name(found);
    }

    private @Nullable String name(int function) {
        SymbolNames names = tables.names.get(functions.inSecond.get(function) ? 1 : 0);
        String name = names.at(Integer.toUnsignedLong(functions.nameOffsets[function]));
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

        /** Functions of all of them together. */
        int functions() {
            int count = 0;
            for (SymbolTable table : all) {
                for (int index = 0; index < table.size() && count < MAX_FUNCTIONS; index++) {
                    count += isFunction(table, index) ? 1 : 0;
                }
            }
            return count;
        }

        private static boolean isFunction(SymbolTable table, int index) {
            return table.function(index) && table.defined(index) && table.named(index);
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
        private final BitSet second = new BitSet();
        private long[] addresses;
        private long[] sizes;
        private int[] nameOffsets;
        private byte[] ranks;
        private int count;
        private int aliases;

        Builder(ElfFile file, Tables tables, int functions) {
            this.file = file;
            this.tables = tables;
            this.addresses = new long[functions];
            this.sizes = new long[functions];
            this.nameOffsets = new int[functions];
            this.ranks = new byte[functions];
        }

        Functions build() {
            for (SymbolTable table : tables.all) {
                collect(table);
            }
            int[] order = AddressOrder.of(addresses, count);
            return index(order, keepBest(order));
        }

        /** A file that changes meanwhile may have more by now. */
        private void collect(SymbolTable table) {
            for (int index = 0; index < table.size() && count < addresses.length; index++) {
                if (Tables.isFunction(table, index)) {
                    add(table, index);
                }
            }
        }

        private void add(SymbolTable table, int index) {
            long address = table.address(index);
            long size = table.symbolSize(index);
            boolean sized = size > 0 && address + size > address;
            addresses[count] = address;
            sizes[count] = sized ? size : 0;
            nameOffsets[count] = (int) table.nameOffset(index);
            second.set(count, table != tables.all.getFirst());
            ranks[count++] = (byte) ((sized ? 4 : 0) + preference(table.binding(index)));
        }

        /** Global before weak before local. */
        private static int preference(int binding) {
            return switch (binding) {
                case 0 -> 0;
                case 2 -> 1;
                default -> 2;
            };
        }

        /** Moves the best name of each address to the front; returns how many these are. */
        private int keepBest(int[] order) {
            int kept = 0;
            for (int entry : order) {
                if (kept > 0 && addresses[order[kept - 1]] == addresses[entry]) {
                    order[kept - 1] = better(order[kept - 1], entry);
                } else {
                    order[kept++] = entry;
                }
            }
            return kept;
        }

        /**
         * By rank, then the name with fewer leading underscores, then the first. What is exported is in both tables by the same name, which so
         * is not read; nor are the names of a hostile number of aliases.
         */
        private int better(int one, int other) {
            if (ranks[one] != ranks[other]) {
                return ranks[one] > ranks[other] ? one : other;
            }
            if (second.get(one) != second.get(other) || ++aliases > MAX_ALIASES) {
                return one;
            }
            return underscores(other) < underscores(one) ? other : one;
        }

        private int underscores(int entry) {
            SymbolTable table = tables.all.get(second.get(entry) ? 1 : 0);
            return table.names().underscores(Integer.toUnsignedLong(nameOffsets[entry]));
        }

        private Functions index(int[] best, int kept) {
            long[] starts = new long[kept];
            long[] ends = new long[kept];
            int[] offsets = new int[kept];
            BitSet inSecond = new BitSet();
            for (int at = 0; at < kept; at++) {
                long next = at + 1 < kept ? addresses[best[at + 1]] : Long.MAX_VALUE;
                int entry = best[at];
                starts[at] = addresses[entry];
                ends[at] = sizes[entry] > 0 ? starts[at] + sizes[entry] : Math.min(next, sectionEnd(starts[at]));
                offsets[at] = nameOffsets[entry];
                inSecond.set(at, second.get(entry));
            }
            tables.keepNamesOnly();
            letGo();
            return new Functions(offsets, inSecond, AddressRanges.of(starts, ends, kept));
        }

        /** The ranges need as much again. */
        private void letGo() {
            addresses = new long[0];
            sizes = new long[0];
            nameOffsets = new int[0];
            ranks = new byte[0];
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
