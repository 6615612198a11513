package io.perfagent.unwind;

import static io.perfagent.unwind.TestFile.CODE;
import static io.perfagent.unwind.TestFile.rsp;
import static io.perfagent.unwind.TestFile.stop;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.UnsupportedRule;
import io.perfagent.unwind.table.EncodedRule;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows and pages: order, gaps, merging, slabs, limits. */
class UnwindTableTest {
    private final TestFile file = new TestFile();

    @Test
    void laterStartHasPrecedence() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE + 0x20, 0x10, cfa(32))
                .fde(cie, CODE, 0x100, cfa(24).u8(0x70, 0x0e, 48))
                .fde(cie, CODE + 0x20, 0x20, cfa(40));
        UnwindTable table = file.compile();
        assertThat(file.rule(table, CODE + 0x1f)).isEqualTo(rsp(24));
        assertThat(file.rule(table, CODE + 0x20)).isEqualTo(rsp(40));
        assertThat(file.rule(table, CODE + 0x3f)).isEqualTo(rsp(40));
        assertThat(file.rule(table, CODE + 0x40)).isEqualTo(stop(WalkEnd.NO_RULE));
    }

    @Test
    void gapsStopUnlessTheyAreOnlyAlignment() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE, 1, cfa(24)).fde(cie, CODE + 16, 1, cfa(32)).fde(cie, CODE + 40, 1, cfa(40));
        UnwindTable table = file.compile();
        assertThat(file.rule(table, CODE + 15)).isEqualTo(rsp(24));
        assertThat(file.rule(table, CODE + 16)).isEqualTo(rsp(32));
        assertThat(file.rule(table, CODE + 17)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, CODE + 40)).isEqualTo(rsp(40));
        assertThat(file.rule(table, CODE + 41)).isEqualTo(stop(WalkEnd.NO_RULE));
    }

    /** Of a dynamic loader: the kernel jumps there, and no FDE says so. */
    @Test
    void stacksEndAtAnEntryPointThatNothingDescribes() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE, 0x10, cfa(24)).fde(cie, CODE + 0x200, 0x10, cfa(32)).entry(CODE + 0x20);
        UnwindTable table = file.compile();
        assertThat(file.rule(table, CODE + 0x1f)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, CODE + 0x20)).isEqualTo(stop(WalkEnd.END_OF_STACK));
        assertThat(file.rule(table, CODE + 0x5f)).isEqualTo(stop(WalkEnd.END_OF_STACK));
        assertThat(file.rule(table, CODE + 0x60)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, CODE + 0x200)).isEqualTo(rsp(32));
    }

    @Test
    void anEntryPointThatIsDescribedOrNowhereChangesNothing() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE, 0x10, cfa(24)).fde(cie, CODE + 0x200, 0x10, cfa(32));
        int[] rows = file.compile().rows();
        for (long entry : new long[] {0, CODE, CODE + 0x20f, TestFile.END, 1L << 40, Long.MAX_VALUE, -1}) {
            assertThat(file.entry(entry).compile().rows()).as("entry " + entry).isEqualTo(rows);
        }
    }

    /** As V8's builtins in Node.js. */
    @Test
    void largeGapsOfFunctionsKeepFramePointers() {
        int cie = file.ordinaryCie();
        int largest = (512 << 10) - 1;
        int second = CODE + 0x10 + largest;
        int third = second + 0x10 + largest + 1;
        int fourth = third + 0x10 + 2 * largest;
        file.framePointers(CODE + 0x10, third).framePointers(fourth, fourth + 2 * largest);
        file.end(fourth + 2 * largest).fde(cie, CODE, 0x10, cfa(24)).fde(cie, second, 0x10, cfa(32));
        file.fde(cie, third, 0x10, cfa(40)).fde(cie, fourth - 0x10, 0x10, cfa(48));
        UnwindTable table = file.compile();
        assertThat(table.keptFrames()).isEqualTo(KeptFrames.MADE_CODE);
        assertThat(file.rule(table, CODE + 0x10)).isNotEqualTo(UnwindRule.Frame.framePointer());
        assertThat(file.rule(table, second)).isEqualTo(rsp(32));
        assertThat(file.rule(table, second + 0x10)).isEqualTo(UnwindRule.Frame.framePointer());
        assertThat(file.rule(table, third - 1)).isEqualTo(UnwindRule.Frame.framePointer());
        assertThat(file.rule(table, third)).isEqualTo(rsp(40));
        assertThat(file.rule(table, third + 0x10)).as("without any function").isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, fourth)).isEqualTo(UnwindRule.Frame.framePointer());
        assertThat(file.rule(table, fourth + 2 * largest - 1)).isEqualTo(UnwindRule.Frame.framePointer());
    }

    @Test
    void equalNeighboursAreOneRow() {
        int cie = file.ordinaryCie();
        CfiBytes pushes = new CfiBytes().u8(0x41, 0x8c, 2, 0x41, 0x8d, 3); // only r12 and r13
        UnwindTable table =
                file.fde(cie, CODE, 16, pushes).fde(cie, CODE + 16, 16, pushes).compile();
        assertThat(table.cfiRows()).isEqualTo(6);
        assertThat(table.rows()).containsExactly(row(0, rspRow(1)), row(32, UnwindRow.stop(WalkEnd.NO_RULE)));
    }

    @Test
    void everyPageWithCodeBeginsWithARow() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE + 0x800, 0xff0, cfa(16)).fde(cie, CODE + 0x4010, 0x10, cfa(16));
        UnwindTable table = file.compile();
        int none = UnwindRow.stop(WalkEnd.NO_RULE);
        assertThat(table.firstPage()).isZero();
        assertThat(table.pageIndex()).containsExactly(0, 0, 2, 4, 4, 4, 7);
        assertThat(table.rows())
                .containsExactly(
                        row(0, none),
                        row(0x800, rspRow(2)),
                        row(0, rspRow(2)),
                        row(0x7f0, none),
                        row(0, none),
                        row(0x10, rspRow(2)),
                        row(0x20, none));
    }

    @Test
    void rangesOutsideOfCodeAreCounted() {
        int cie = file.ordinaryCie();
        file.fde(cie, 1L << 62, 16, cfa(16)).fde(cie, TestFile.END, 16, cfa(16)).fde(cie, CODE, 0, cfa(16));
        file.fde(cie, CODE, -1, cfa(16)).fde(cie, -16, 16, cfa(16));
        UnwindTable table = file.fde(cie, CODE, Long.MAX_VALUE, cfa(8)).compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_RANGE=5");
        assertThat(file.rule(table, TestFile.END - 1)).isEqualTo(rsp(8));
        assertThat(file.rule(table, TestFile.END)).isEqualTo(stop(WalkEnd.NO_RULE));
    }

    /** As LuaJIT's interpreter: a function would make its frame first. */
    @Test
    void largeCodeOfOneFrameMayHaveCalledAPartOfItself() {
        int cie = file.ordinaryCie();
        UnwindTable table = file.fde(cie, CODE, 0x1000, cfa(80))
                .fde(cie, CODE + 0x1000, 0xff0, cfa(80))
                .fde(cie, CODE + 0x2000, 0x1000, cfa(8))
                .compile();
        assertThat(file.rule(table, CODE + 0x10)).isEqualTo(TestFile.frame(new CfaRule.Shared(80)));
        assertThat(file.rule(table, CODE + 0x1010)).isEqualTo(rsp(80));
        assertThat(file.rule(table, CODE + 0x2010)).isEqualTo(rsp(8));
    }

    @Test
    void dictionaryIsSharedAndLimited() {
        RuleDictionary dictionary = new RuleDictionary(2);
        TestFile first = withLargeFrames(dictionary, 10_000);
        TestFile second = withLargeFrames(dictionary, 10_000);
        TestFile third = withLargeFrames(dictionary, 20_000);
        assertThat(first.rule(first.compile(), CODE)).isEqualTo(rsp(10_000));
        assertThat(second.rule(second.compile(), CODE)).isEqualTo(rsp(10_000));
        UnwindTable full = third.compile();
        assertThat(third.rule(full, CODE)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
        assertThat(full.unsupported().toString()).isEqualTo("DICTIONARY_FULL=1");
        assertThat(dictionary.size()).isEqualTo(2);
        assertThat(dictionary.rule(0)).isEqualTo(EncodedRule.SIGNAL);
    }

    @Test
    void oneFileCannotFillTheDictionary() {
        TestFile greedy = new TestFile(new RuleDictionary(43_690));
        int cie = greedy.ordinaryCie();
        CfiBytes instructions = new CfiBytes();
        for (int i = 0; i < 5_000; i++) {
            instructions.u8(0x41, 0x0e).uleb(1 + 8 * i);
        }
        UnwindTable table = greedy.fde(cie, 0x10000, 0x8000, instructions).compile();
        assertThat(greedy.dictionary.size()).isEqualTo(4_097);
        assertThat(table.unsupported().of(UnsupportedRule.DICTIONARY_FULL)).isGreaterThanOrEqualTo(904);
    }

    @Test
    void placedPagesLieInOneSlab() throws IOException {
        UnwindTable table;
        try (ElfFile elf = ElfFile.open(RealFiles.library("libc.so.6"))) {
            table = TableCompiler.compile(elf, new RuleDictionary(1000));
        }
        Random random = new Random(7);
        for (int slab : new int[] {512, 1000, 4096}) {
            for (int i = 0; i < 20; i++) {
                int position = random.nextInt(1 << 20);
                expectPlaced(table, table.place(position, slab), position, slab);
            }
        }
        assertThat(table.place(0)).isSameAs(table);
    }

    @Test
    void aPageThatJustFitsStays() {
        UnwindTable table = file.fde(file.ordinaryCie(), CODE, 16, cfa(16)).compile();
        assertThat(table.rows()).hasSize(2);
        assertThat(table.place(6, 8)).isSameAs(table);
        assertThat(table.place(7, 8).rows()).hasSize(3);
    }

    @Test
    void whatIsSkippedBelongsToNoPageWithoutRows() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE, 16, cfa(16)).fde(cie, CODE + 0x3000, 16, cfa(24));
        UnwindTable table = file.compile().place(5, 8); // three words of room: two rows, then two of which one fits
        assertThat(table.pageIndex()).containsExactly(0, 0, 3, 3, 3, 5);
        assertThat(UnwindRow.ruleOf(table.rows()[2])).isEqualTo(UnwindRow.stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, CODE + 0x1000)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, CODE + 0x3000)).isEqualTo(rsp(24));
        assertThat(file.compile().place(7, 8).pageIndex()).containsExactly(1, 1, 3, 3, 3, 5);
    }

    private static void expectPlaced(UnwindTable table, UnwindTable placed, int position, int slab) {
        for (int page = 0; page < table.pageCount(); page++) {
            int from = position + placed.pageIndex()[page];
            int to = position + placed.pageIndex()[page + 1];
            assertThat(from == to || from / slab == (to - 1) / slab)
                    .as("page %d at %d", page, position)
                    .isTrue();
        }
        for (long page = table.firstPage(); page < table.firstPage() + table.pageCount(); page++) {
            for (int offset = 0; offset < 4096; offset += 5) {
                long address = (page << 12) + offset;
                if (placed.row(address) != table.row(address)) {
                    throw new AssertionError("row of " + Long.toHexString(address));
                }
            }
        }
    }

    private static TestFile withLargeFrames(RuleDictionary dictionary, int size) {
        TestFile made = new TestFile(dictionary);
        return made.fde(made.ordinaryCie(), CODE, 16, cfa(size));
    }

    private static CfiBytes cfa(int offset) {
        return new CfiBytes().u8(0x0e).uleb(offset);
    }

    private static int rspRow(int words) {
        return UnwindRow.rule(UnwindRow.ROW_RSP, words << UnwindRow.ROW_CFA_SHIFT);
    }

    private static int row(int offset, int rule) {
        return offset << UnwindRow.ROW_OFFSET_SHIFT | rule;
    }
}
