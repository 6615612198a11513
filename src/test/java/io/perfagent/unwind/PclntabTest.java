package io.perfagent.unwind;

import static io.perfagent.unwind.TestFile.rsp;
import static io.perfagent.unwind.TestFile.stop;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Go's function tables: versions, kinds of functions, damage. */
class PclntabTest {
    private static final int TOP_FRAME = 1;
    private static final int WRITES_STACK_POINTER = 2;
    /** 0 for 4 bytes, 24 for 26, 0 for 5. */
    private static final int[] FRAME_OF_24 = {2, 4, 48, 26, 47, 5};

    private static final String PROLOGUE = "48 83 ec 18 48 89 6c 24 10 48 8d 6c 24 10";
    private static final String LATER_PROLOGUE = "55 48 89 e5 48 83 ec 10";
    private static final String GOEXIT = "90 e8 1a 00 00 00 90"; // of what is 32 bytes behind
    private static final UnwindRule BY_FRAME_POINTER = new UnwindRule.Frame(
            new CfaRule.OtherStack(Registers.RBP, 16), new SavedRegister.AtCfa(-16), new SavedRegister.Unchanged(), -8);

    @ParameterizedTest
    @EnumSource(PclntabVersion.class)
    void framesOfEveryVersion(PclntabVersion version) {
        GoTestFile file = program(version);
        UnwindTable table = file.compile();
        assertThat(table.errors().total()).isZero();
        assertThat(file.rule(table, 0xff)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, 0x100)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x104)).isEqualTo(rsp(32));
        assertThat(file.rule(table, 0x109)).isEqualTo(withRbp(32));
        assertThat(file.rule(table, 0x11d)).isEqualTo(withRbp(32));
        assertThat(file.rule(table, 0x11e)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x140)).isEqualTo(stop(WalkEnd.END_OF_STACK));
        assertThat(file.rule(table, 0x160)).isEqualTo(rsp(8));
    }

    @ParameterizedTest
    @EnumSource(
            value = PclntabVersion.class,
            names = {"GO_1_18", "GO_1_20"})
    void codeIsFoundByWhereGoexitStands(PclntabVersion version) {
        GoTestFile file = program(version);
        UnwindTable right = file.compile();
        for (long wrong : new long[] {0, GoTestFile.CODE + 16, -1, Long.MAX_VALUE}) {
            UnwindTable table = file.headerText(wrong).compile();
            assertThat(table.rows()).as("text at " + wrong).isEqualTo(right.rows());
        }
    }

    @Test
    void withoutGoexitTheHeaderIsBelieved() {
        GoTestFile file = new GoTestFile(PclntabVersion.GO_1_20).function(0x100, "plugin.f", 0, FRAME_OF_24);
        assertThat(file.rule(file.compile(), 0x104)).isEqualTo(rsp(32));
    }

    @Test
    void frameMadeByPush() {
        GoTestFile file = program(PclntabVersion.GO_1_20)
                .code(0x200, LATER_PROLOGUE)
                .function(0x200, "main.g", 0, 2, 1, 16, 7, 32, 20, 47, 4);
        UnwindTable table = file.compile();
        assertThat(file.rule(table, 0x200)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x201)).isEqualTo(withRbp(16));
        assertThat(file.rule(table, 0x208)).isEqualTo(withRbp(32));
        assertThat(file.rule(table, 0x21c)).isEqualTo(rsp(8));
    }

    @Test
    void frameWithoutFramePointer() {
        GoTestFile file = program(PclntabVersion.GO_1_20).function(0x200, "main.g", 0, FRAME_OF_24);
        assertThat(file.rule(file.compile(), 0x210)).isEqualTo(rsp(32));
    }

    /** Go up to 1.20: no frame, rbp is the caller's. Later: rbp is the function's own. */
    @Test
    void otherStacksAreLeftByFramePointer() {
        GoTestFile file = program(PclntabVersion.GO_1_20)
                .function(0x200, "runtime.systemstack", WRITES_STACK_POINTER, 2, 64)
                .code(0x240, LATER_PROLOGUE)
                .function(0x240, "runtime.asmcgocall", WRITES_STACK_POINTER, 2, 1, 16, 50, 15, 3);
        UnwindTable table = file.compile();
        assertThat(file.rule(table, 0x200)).isEqualTo(BY_FRAME_POINTER);
        assertThat(file.rule(table, 0x23f)).isEqualTo(BY_FRAME_POINTER);
        assertThat(file.rule(table, 0x240)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x241)).isEqualTo(withRbp(16));
        assertThat(file.rule(table, 0x244)).isEqualTo(BY_FRAME_POINTER);
        assertThat(file.rule(table, 0x272)).isEqualTo(BY_FRAME_POINTER);
        assertThat(file.rule(table, 0x273)).isEqualTo(rsp(8));
    }

    @Test
    void handlersAreCalledByTheKernel() {
        GoTestFile file = program(PclntabVersion.GO_1_20)
                .function(0x200, "runtime.sigtramp", TOP_FRAME, FRAME_OF_24)
                .code(0x240, "48 c7 c0 0f 00 00 00 0f 05")
                .function(0x240, "runtime.sigreturn", 0, 2, 11);
        UnwindTable table = file.compile();
        assertThat(file.rule(table, 0x204)).isEqualTo(rsp(32));
        assertThat(file.rule(table, 0x23e)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x23f)).isEqualTo(new UnwindRule.SignalFrame());
    }

    @Test
    void functionsInCAreLeftToTheirOwnInformation() {
        GoTestFile file =
                program(PclntabVersion.GO_1_20).function(0x200, "in_c", 0).function(0x300, "main.g", 0, 2, 9);
        UnwindTable table = file.compile();
        assertThat(table.errors().total()).isZero();
        assertThat(file.rule(table, 0x200)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(file.rule(table, 0x300)).isEqualTo(rsp(8));
    }

    @Test
    void functionsOutOfOrderOrOutsideOfCodeAreCounted() {
        GoTestFile file = program(PclntabVersion.GO_1_20)
                .function(0x4000_0000, "main.outside", 0, 2, 9)
                .function(0x300, "main.g", 0, 2, 9)
                .function(0x80, "main.before", 0, 2, 9)
                .function(0x340, "main.h", 0, 2, 9);
        UnwindTable table = file.compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_RANGE=2");
        assertThat(file.rule(table, 0x300)).isEqualTo(rsp(8));
    }

    @Test
    void damagedDeltasEndInStops() {
        GoTestFile file = program(PclntabVersion.GO_1_20).function(0x200, "main.g", 0, 2, 4, 48, 0, 47, 5);
        UnwindTable table = file.compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_OPERAND=1");
        assertThat(file.rule(table, 0x203)).isEqualTo(rsp(8));
        assertThat(file.rule(table, 0x204)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
    }

    @Test
    void unknownVersionIsCounted() {
        byte[] table = program(PclntabVersion.GO_1_20).table();
        table[0] = 0x55;
        UnwindTable compiled = program(PclntabVersion.GO_1_20).compile(table);
        assertThat(compiled.errors().toString()).isEqualTo("UNREADABLE=1 GO_TABLE=1");
        assertThat(compiled.pageCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource(PclntabVersion.class)
    void everyTruncationAndManyMutations(PclntabVersion version) {
        GoTestFile file = program(version).function(0x200, "runtime.systemstack", WRITES_STACK_POINTER, FRAME_OF_24);
        byte[] table = file.table();
        for (int length = 0; length < table.length; length++) {
            SearchableTable.expect(file.compile(Arrays.copyOf(table, length)), GoTestFile.END);
        }
        Random random = new Random(20_260_115);
        for (int i = 0; i < 3_000; i++) {
            byte[] mutated = table.clone();
            for (int changes = random.nextInt(8); changes >= 0; changes--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            SearchableTable.expect(file.compile(mutated), GoTestFile.END);
        }
    }

    private static GoTestFile program(PclntabVersion version) {
        return new GoTestFile(version)
                .code(0x100, PROLOGUE)
                .code(0x140, GOEXIT)
                .function(0x100, "main.f", 0, FRAME_OF_24)
                .function(0x140, "runtime.goexit", TOP_FRAME, 2, 7)
                .function(0x160, "runtime.goexit1", 0, 2, 9);
    }

    private static UnwindRule withRbp(int offset) {
        return new UnwindRule.Frame(
                new CfaRule.RegisterOffset(Registers.RSP, offset),
                new SavedRegister.AtCfa(-16),
                new SavedRegister.Unchanged(),
                -8);
    }
}
