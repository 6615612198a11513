package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.CODE_END;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.TreeMap;

/** From an address to its rule: mappings, pages, rows, and the slabs that they lie in. */
final class TableCases {
    private static final int NO_RULE = UnwindRow.stop(WalkEnd.NO_RULE);
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;
    private static final int SLAB = Limits.SLAB_WORDS;
    private static final long LEAF = CODE + 0x5100;
    private static final long MAIN = CODE + 0x5500;

    private TableCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("each stop of a table ends the walk", TableCases::stops),
                new WalkCase("before the table's first page", w -> withoutRule(w, CODE)),
                new WalkCase("behind the table's last page", w -> withoutRule(w, CODE_END - 1)),
                new WalkCase("directly behind the table's last page", w -> withoutRule(w, CODE + 0x6000)),
                new WalkCase("an address in a gap", TableCases::gap),
                new WalkCase("a rule holds in the pages behind its own", TableCases::overPages),
                new WalkCase("the rule changes exactly at a page's end", TableCases::atPageEnd),
                new WalkCase("file without table", TableCases::withoutTable),
                new WalkCase("no mapping", TableCases::withoutMapping),
                new WalkCase("return address that cannot be read", TableCases::wild),
                new WalkCase("the address behind a mapping is not in it", TableCases::behindMapping),
                new WalkCase("a page of 4,096 rows", TableCases::fullPage),
                new WalkCase("a page without rows", TableCases::emptyPage),
                new WalkCase("rows at a slab's beginning and end, index over two slabs", TableCases::slabs),
                new WalkCase("slabs that are missing", TableCases::missingSlabs),
                new WalkCase("no mappings", w -> mappings(w, 0, 4 * SLAB)),
                new WalkCase("1 mapping", w -> mappings(w, 1, 4 * SLAB)),
                new WalkCase("2 mappings", w -> mappings(w, 2, 4 * SLAB)),
                new WalkCase("3 mappings", w -> mappings(w, 3, 4 * SLAB + 2)),
                new WalkCase("5,000 mappings", w -> mappings(w, 5000, 4 * SLAB + 1000)),
                new WalkCase("a slab full of mappings", w -> mappings(w, SLAB / MAPPING_WORDS, 4 * SLAB)),
                new WalkCase("mappings at a slab's end", w -> mappings(w, 9, 5 * SLAB - 9 * MAPPING_WORDS)),
                new WalkCase("a list that leaves its slab is not followed", TableCases::listTooLong));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker)
                .mode(UnwindMode.DWARF)
                .rule(LEAF, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .leaf(LEAF, STACK);
    }

    private static void stops(HostWalker walker) {
        for (WalkEnd end : WalkEnd.values()) {
            new Target(walker)
                    .mode(UnwindMode.DWARF)
                    .rule(LEAF, UnwindRow.stop(end))
                    .leaf(LEAF, STACK)
                    .expect(end == WalkEnd.NO_TABLE ? WalkEnd.BAD_CODE : end, LEAF); // looks for a trampoline first
        }
    }

    private static void withoutRule(HostWalker walker, long address) {
        program(walker).words(STACK, address + 1).expect(WalkEnd.NO_RULE, LEAF, address);
    }

    private static void gap(HostWalker walker) {
        program(walker)
                .rule(LEAF + 0x80, NO_RULE)
                .words(STACK, LEAF + 0x81)
                .expect(WalkEnd.NO_RULE, LEAF, LEAF + 0x80)
                .words(STACK, MAIN + 1)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN);
    }

    private static void overPages(HostWalker walker) {
        for (long address : new long[] {0x6000, 0x6001, 0x6fff, 0x7000, 0x8123}) {
            new Target(walker)
                    .rule(LEAF, Rows.rsp(1))
                    .rule(CODE + 0x9000, LAST_FRAME)
                    .words(STACK, CODE + 0x9010)
                    .leaf(CODE + address, STACK)
                    .expect(WalkEnd.END_OF_STACK, CODE + address, CODE + 0x900f);
        }
    }

    private static void atPageEnd(HostWalker walker) {
        new Target(walker)
                .rule(CODE + 0x6fff, Rows.rsp(1))
                .rule(CODE + 0x7000, Rows.rsp(2))
                .rule(CODE + 0x7001, LAST_FRAME)
                .words(STACK, CODE + 0x7001, 1, CODE + 0x7002)
                .leaf(CODE + 0x6fff, STACK)
                .expect(WalkEnd.END_OF_STACK, CODE + 0x6fff, CODE + 0x7000, CODE + 0x7001);
    }

    private static void withoutTable(HostWalker walker) {
        program(walker)
                .mappingWithoutTable(ANONYMOUS, ANONYMOUS + 0x1000)
                .bytes(ANONYMOUS, 0x90)
                .words(STACK, ANONYMOUS + 0x10)
                .expect(WalkEnd.NO_TABLE, LEAF, ANONYMOUS + 0xf);
    }

    private static void withoutMapping(HostWalker walker) {
        program(walker)
                .bytes(ANONYMOUS + 0xe, 0xff, 0xd0)
                .words(STACK, ANONYMOUS + 0x10)
                .expect(WalkEnd.NO_MAPPING, LEAF, ANONYMOUS + 0xf);
    }

    private static void wild(HostWalker walker) {
        program(walker).words(STACK, 0x1234).expect(WalkEnd.NOT_CALLED, LEAF);
    }

    private static void behindMapping(HostWalker walker) {
        program(walker)
                .bytes(CODE_END - 1, 0xff, 0xd0)
                .words(STACK, CODE_END + 1)
                .expect(WalkEnd.NO_MAPPING, LEAF, CODE_END);
    }

    /** As many rows as a page has bytes, between two others. */
    private static void fullPage(HostWalker walker) {
        TreeMap<Long, Integer> rules = new TreeMap<>();
        for (int address = 0xff0; address < 0x2010; address++) {
            rules.put((long) address, UnwindRow.rule(UnwindRow.ROW_RULE, address));
        }
        lookUp(walker, RowTable.of(rules), 2 * SLAB, 3 * SLAB, 0xff0, 0x2010);
    }

    private static void emptyPage(HostWalker walker) {
        walker.reset(new UserMemory());
        int row = Rows.rsp(1);
        RowTable table = new RowTable(0, new int[] {0, 1, 1, 2}, new int[] {row, row});
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapping = HostWalker.allocate(arena, table.write(walker, SLAB, CODE, CODE_END, CODE));
            assertThat(walker.findRow(mapping, CODE + 0xfff)).isEqualTo(row);
            assertThat(walker.findRow(mapping, CODE + 0x1000)).isEqualTo(NO_RULE);
            assertThat(walker.findRow(mapping, CODE + 0x1fff)).isEqualTo(NO_RULE);
            assertThat(walker.findRow(mapping, CODE + 0x2000)).isEqualTo(row);
            assertThat(walker.findRow(mapping, CODE + 0x3000)).isEqualTo(NO_RULE);
        }
    }

    private static void slabs(HostWalker walker) {
        TreeMap<Long, Integer> rules = new TreeMap<>();
        for (int address = 0x3000; address < 0x6000; address += 16) {
            rules.put((long) address, UnwindRow.rule(UnwindRow.ROW_RULE, address));
        }
        RowTable table = RowTable.of(rules); // 3 pages of 256 rows
        lookUp(walker, table, 2 * SLAB - 1, 3 * SLAB, 0x3000, 0x6000);
        lookUp(walker, table, 2 * SLAB - 2, 4 * SLAB - 256, 0x3000, 0x6000);
        lookUp(walker, table, 2 * SLAB - 3, 4 * SLAB - 512, 0x3000, 0x6000);
        lookUp(walker, table, 2 * SLAB - 4, 4 * SLAB - 768, 0x3000, 0x6000);
    }

    /** Rule n is that of address n & ~15 or of n itself. */
    private static void lookUp(HostWalker walker, RowTable table, int index, int rows, int first, int end) {
        walker.reset(new UserMemory());
        boolean everyByte = table.rows().length > 4096;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapping = HostWalker.allocate(arena, table.write(walker, index, rows, CODE, CODE_END, CODE));
            for (int address = first; address < end; address++) {
                int expected = UnwindRow.rule(UnwindRow.ROW_RULE, everyByte ? address : address & ~15);
                assertThat(walker.findRow(mapping, CODE + address)).isEqualTo(expected);
            }
        }
    }

    private static void missingSlabs(HostWalker walker) {
        walker.reset(new UserMemory());
        try (Arena arena = Arena.ofConfined()) {
            int beyond = (Limits.MAX_SLABS - 1) * SLAB;
            MemorySegment mapping =
                    HostWalker.allocate(arena, new CodeMapping(CODE, CODE_END, CODE, beyond, 0, 16, WalkEnd.NO_TABLE));
            assertThat(walker.findRow(mapping, CODE + 0x10)).isEqualTo(NO_RULE);
            MemorySegment process = new ProcessEntry(beyond, 5, 1).allocate(arena);
            assertThat(walker.findMapping(process, CODE, mapping)).isEqualTo(-1);
        }
    }

    /** Mappings of one page with a page between them, then one that belongs to the list before. */
    private static void mappings(HostWalker walker, int count, int word) {
        walker.reset(new UserMemory());
        MemorySegment slab = walker.slab(word);
        for (int i = 0; i <= count && word % SLAB + (i + 1) * MAPPING_WORDS <= SLAB; i++) {
            mapping(i).write(slab, word % SLAB + (long) i * MAPPING_WORDS);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment process = new ProcessEntry(word, count, 1).allocate(arena);
            MemorySegment found = arena.allocate(CodeMapping.LAYOUT);
            assertThat(walker.findMapping(process, CODE - 1, found)).isEqualTo(-1);
            for (int i = 0; i < count; i++) {
                long start = mapping(i).start();
                assertThat(walker.findMapping(process, start, found)).isEqualTo(start);
                assertThat(walker.findMapping(process, start + 0xfff, found)).isEqualTo(start);
                assertThat(walker.findMapping(process, start + 0x1000, found)).isEqualTo(-1);
                assertThat(walker.findMapping(process, start + 0x1fff, found)).isEqualTo(-1);
            }
            assertThat(walker.findMapping(process, mapping(count).start(), found))
                    .isEqualTo(-1);
            assertThat(walker.findMapping(process, -1, found)).isEqualTo(-1);
        }
    }

    private static CodeMapping mapping(int i) {
        long start = CODE + 0x2000L * i;
        return new CodeMapping(start, start + 0x1000, 0, 0, 0, 0, WalkEnd.NO_TABLE);
    }

    private static void listTooLong(HostWalker walker) {
        walker.reset(new UserMemory());
        int word = 5 * SLAB - 2 * MAPPING_WORDS;
        mapping(0).write(walker.slab(word), word % SLAB);
        mapping(1).write(walker.slab(word), word % SLAB + (long) MAPPING_WORDS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment process = new ProcessEntry(word, 5, 1).allocate(arena);
            MemorySegment found = arena.allocate(CodeMapping.LAYOUT);
            assertThat(walker.findMapping(process, mapping(1).start(), found)).isEqualTo(-1);
        }
    }
}
