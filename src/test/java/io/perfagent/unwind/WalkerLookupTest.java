package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.bpf.walker.HostWalker;
import io.perfagent.bpf.walker.UserMemory;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.UnsupportedRule;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.walker.UnwindTables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The walker's searches in C against {@link UnwindTable#row} and against a search from one end to the other. */
class WalkerLookupTest {
    private static final long CODE = 0x7f12_3456_7000L;
    private static final int SLAB = Limits.SLAB_WORDS;
    private static final int TABLES = 200;
    private static final int LOOKUPS = 2_000;
    private static final int REAL_LOOKUPS = 100_000;
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;

    private static HostWalker walker;
    private final Random random = new Random(20260101);

    @BeforeAll
    static void compile() throws Exception {
        walker = HostWalker.production();
    }

    @AfterAll
    static void close() {
        walker.close();
    }

    @BeforeEach
    void reset() {
        walker.reset(new UserMemory());
    }

    @Test
    void rowsOfRandomTables() {
        for (int i = 0; i < TABLES; i++) {
            long first = (long) random.nextInt(1 << 20);
            UnwindTable table = randomTable(first);
            long end = (table.firstPage() + table.pageCount() + 2) << 12;
            compare(
                    table,
                    Math.max(0, first - 8192),
                    end,
                    LOOKUPS,
                    SLAB - random.nextInt(2000),
                    2 * SLAB - random.nextInt(2000));
        }
    }

    @Test
    void rowsOfTheLibraryC() throws Exception {
        try (ElfFile file = ElfFile.open(RealFiles.library("libc.so.6"))) {
            UnwindTable table = TableCompiler.compile(file, new RuleDictionary(1000));
            long first = table.firstPage() << 12;
            long end = first + ((long) table.pageCount() << 12);
            assertThat(table.pageCount()).isGreaterThan(100);
            compare(table, first, end, REAL_LOOKUPS, SLAB, 2 * SLAB - table.rows().length / 2);
        }
    }

    @Test
    void mappings() {
        for (int count : new int[] {0, 1, 2, 3, 7, 8, 9, 100, 5000, SLAB / MAPPING_WORDS}) {
            List<CodeMapping> mappings = randomMappings(count);
            for (int i = 0; i < count; i++) {
                mappings.get(i).write(walker.slab(SLAB), (long) i * MAPPING_WORDS);
            }
            long end = count == 0 ? CODE + 0x10_0000 : mappings.getLast().end() + 0x2000;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment process = new ProcessEntry(SLAB, count, 1).allocate(arena);
                MemorySegment found = arena.allocate(CodeMapping.LAYOUT);
                for (int i = 0; i < LOOKUPS; i++) {
                    long address = random.nextLong(CODE - 0x2000, end);
                    assertThat(walker.findMapping(process, address, found))
                            .as("%x among %d", address, count)
                            .isEqualTo(scan(mappings, address));
                }
            }
        }
    }

    /** Rules at random distances: from crowded pages to gaps of several pages. */
    private UnwindTable randomTable(long first) {
        TableBuilder builder = new TableBuilder(first, 16, Workspace.unlimited());
        int spread = 2 << random.nextInt(14);
        long address = first;
        int rules = 1 + random.nextInt(5000);
        for (int i = 0; i < rules; i++) {
            if (random.nextInt(10) == 0) {
                builder.end(address);
            } else {
                builder.add(
                        address, UnwindRow.rule(random.nextInt(3), random.nextInt(UnwindRow.ROW_ARGUMENT_MASK + 1)));
            }
            address += 1 + random.nextInt(spread);
        }
        builder.end(address);
        return builder.build(new Counts<>(CfiError.values()), new Counts<>(UnsupportedRule.values()));
    }

    /** Stores a table as {@link UnwindTables} does, its index and its rows where they may reach over the end of a slab. */
    private void compare(UnwindTable table, long from, long end, int lookups, int index, int rows) {
        UnwindTable placed = table.place(rows % SLAB);
        int[] positions = placed.pageIndex();
        for (int i = 0; i < positions.length; i++) {
            walker.write(index + i, positions[i] + rows);
        }
        walker.write(rows, placed.rows());
        CodeMapping mapping =
                new CodeMapping(CODE, -1, CODE, index, (int) table.firstPage(), table.pageCount(), WalkEnd.NO_RULE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = HostWalker.allocate(arena, mapping);
            for (int i = 0; i < lookups; i++) {
                long address = random.nextLong(from, end);
                int row = walker.findRow(words, CODE + address);
                assertThat(row).as("%x", address).isEqualTo(expected(table, address));
            }
        }
    }

    private static int expected(UnwindTable table, long address) {
        return UnwindRow.ruleOf(table.row(address));
    }

    private List<CodeMapping> randomMappings(int count) {
        List<CodeMapping> mappings = new ArrayList<>();
        long at = CODE;
        for (int i = 0; i < count; i++) {
            long start = at + 0x1000L * random.nextInt(3);
            at = start + 0x1000L * (1 + random.nextInt(5));
            mappings.add(new CodeMapping(start, at, 0, 0, 0, 0, WalkEnd.NO_TABLE));
        }
        return mappings;
    }

    private static long scan(List<CodeMapping> mappings, long address) {
        for (CodeMapping mapping : mappings) {
            if (address >= mapping.start() && address < mapping.end()) {
                return mapping.start();
            }
        }
        return -1;
    }
}
