package io.perfagent.unwind;

import static io.perfagent.unwind.TestFile.CODE;
import static io.perfagent.unwind.TestFile.rsp;
import static io.perfagent.unwind.TestFile.stop;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Call-frame instructions and the rules they make, by bytes made by hand. What compilers write is in ReadelfGoldenTest. */
class InstructionTest {
    private static final SavedRegister UNCHANGED = new SavedRegister.Unchanged();

    private final TestFile file = new TestFile();

    @Test
    void setLocation() {
        UnwindTable table =
                compile(new CfiBytes().u8(0x01).number(CODE + 0x40, 8).u8(0x0e, 24));
        assertThat(file.rule(table, CODE + 0x3f)).isEqualTo(rsp(8));
        assertThat(file.rule(table, CODE + 0x40)).isEqualTo(rsp(24));
    }

    @Test
    void setLocationBackwardsIsCounted() {
        UnwindTable table =
                compile(new CfiBytes().u8(0x50, 0x0e, 16, 0x01).number(CODE, 8).u8(0x0e, 24));
        assertThat(table.errors().toString()).isEqualTo("BAD_OPERAND=1");
        assertThat(file.rule(table, CODE + 15)).isEqualTo(rsp(8));
        assertThat(file.rule(table, CODE + 16)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
    }

    @Test
    void everyAdvance() {
        CfiBytes bytes = new CfiBytes().u8(0x41, 0x0e, 16, 0x02, 0x81, 0x0e, 24);
        bytes.u8(0x03).number(0x8001, 2).u8(0x0e, 32, 0x04).number(0x9001, 4).u8(0x0e, 40);
        UnwindTable table = compileLarge(bytes);
        long[] starts = {CODE, CODE + 1, CODE + 0x82, CODE + 0x8083, CODE + 0x11084};
        for (int i = 0; i < starts.length; i++) {
            assertThat(file.rule(table, starts[i])).isEqualTo(rsp(8 + 8 * i));
            assertThat(file.rule(table, starts[i] - 1)).isEqualTo(i == 0 ? stop(WalkEnd.NO_RULE) : rsp(8 * i));
        }
    }

    @Test
    void advancesAreFactored() {
        int cie = file.cie(new CfiBytes()
                .u8(1)
                .text("zR")
                .uleb(4)
                .sleb(-8)
                .u8(16)
                .uleb(1)
                .u8(0)
                .add(TestFile.initial()));
        UnwindTable table =
                file.fde(cie, CODE, 16, new CfiBytes().u8(0x42, 0x0e, 16)).compile();
        assertThat(file.rule(table, CODE + 7)).isEqualTo(rsp(8));
        assertThat(file.rule(table, CODE + 8)).isEqualTo(rsp(16));
    }

    @Test
    void registerBetweenWords() {
        TestFile bytes = new TestFile();
        int cie = bytes.cie(new CfiBytes()
                .u8(1)
                .text("zR")
                .uleb(1)
                .sleb(-4)
                .u8(16)
                .uleb(1)
                .u8(0)
                .u8(0x0c, 7, 8, 0x90, 2));
        UnwindTable packed =
                bytes.fde(cie, CODE, 16, new CfiBytes().u8(0x86, 5)).compile();
        assertThat(bytes.rule(packed, CODE))
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.RegisterOffset(7, 8), new SavedRegister.AtCfa(-20), UNCHANGED, -8));
    }

    @Test
    void rememberAndRestoreState() {
        UnwindTable table = compile(new CfiBytes()
                .u8(0x41, 0x0e, 16, 0x86, 2, 0x0a, 0x0a)
                .u8(0x41, 0x0c, 6, 16, 0x0b)
                .u8(0x41, 0x0e, 64, 0xc6, 0x0b));
        UnwindRule pushed =
                new UnwindRule.Frame(new CfaRule.RegisterOffset(7, 16), new SavedRegister.AtCfa(-16), UNCHANGED, -8);
        assertThat(file.rule(table, CODE + 1)).isEqualTo(pushed);
        assertThat(file.rule(table, CODE + 2)).isEqualTo(pushed);
        assertThat(file.rule(table, CODE + 3)).isEqualTo(pushed);
        assertThat(table.errors().total()).isZero();
    }

    @Test
    void statesThatDoNotMatchAreCounted() {
        assertThat(compile(new CfiBytes().u8(0x0b)).errors().of(CfiError.BAD_STATE_STACK))
                .isEqualTo(1);
        CfiBytes deep = new CfiBytes();
        for (int i = 0; i < 33; i++) {
            deep.u8(0x0a);
        }
        assertThat(new InstructionTest().compile(deep).errors().of(CfiError.BAD_STATE_STACK))
                .isEqualTo(1);
    }

    @Test
    void restoreReturnsToTheCie() {
        UnwindTable table = compile(new CfiBytes().u8(0x90, 3, 0x41, 0xd0, 0x41, 0x90, 4, 0x41, 0x06, 16));
        assertThat(file.rule(table, CODE)).isEqualTo(returnAddressAt(-24));
        assertThat(file.rule(table, CODE + 1)).isEqualTo(rsp(8));
        assertThat(file.rule(table, CODE + 2)).isEqualTo(returnAddressAt(-32));
        assertThat(file.rule(table, CODE + 3)).isEqualTo(rsp(8));
    }

    @Test
    void unknownInstructionCostsOneFde() {
        int cie = file.ordinaryCie();
        file.fde(cie, CODE, 16, new CfiBytes().u8(0x41, 0x0e, 16, 0x41, 0x3f));
        UnwindTable table = file.fde(cie, CODE + 16, 16, new CfiBytes()).compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_INSTRUCTION=1");
        assertThat(file.rule(table, CODE + 1)).isEqualTo(rsp(16));
        assertThat(file.rule(table, CODE + 2)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
        assertThat(file.rule(table, CODE + 16)).isEqualTo(rsp(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 11, 15, 31})
    void plt(int threshold) {
        UnwindTable table = compile(pltExpression(threshold, 0x22));
        assertThat(file.rule(table, CODE)).isEqualTo(TestFile.frame(new CfaRule.Plt(threshold)));
    }

    @Test
    void almostPltIsUnsupported() {
        UnwindTable table = compile(pltExpression(11, 0x1c));
        assertThat(file.rule(table, CODE)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
        assertThat(table.unsupported().toString()).isEqualTo("CFA_EXPRESSION=1");
    }

    @Test
    void signalFrame() {
        UnwindRule kernel = signal(new CfiBytes().u8(0x0f, 4, 0x77, 0xa0, 0x01, 0x06));
        assertThat(kernel).isEqualTo(new UnwindRule.SignalFrame());
        UnwindRule other = signal(new CfiBytes().u8(0x0f, 4, 0x77, 0xa8, 0x01, 0x06));
        assertThat(other)
                .as("as in OCaml")
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.Dereference(7, 168, 0),
                        new SavedRegister.Unchanged(),
                        new SavedRegister.Unchanged(),
                        -8));
    }

    @Test
    void realignedStack() {
        UnwindTable table =
                compile(new CfiBytes().u8(0x0f, 3, 0x76, 0x78, 0x06, 0x10, 6, 2, 0x76, 0, 0x10, 3, 2, 0x76, 0x70));
        assertThat(file.rule(table, CODE))
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.Dereference(6, -8, 0),
                        new SavedRegister.AtRbp(0),
                        new SavedRegister.AtRbp(-16),
                        -8));
    }

    /** GCC leaves the rules of what it has popped; at {@code ret}, rbp is the caller's. */
    @Test
    void realignedStackThatIsGone() {
        UnwindTable table = compile(new CfiBytes().u8(0x10, 6, 2, 0x76, 0, 0x10, 3, 2, 0x76, 0x70, 0x41, 0x0c, 7, 16));
        assertThat(file.rule(table, CODE)).isEqualTo(rsp(8));
        assertThat(file.rule(table, CODE + 1))
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.RegisterOffset(7, 16),
                        new SavedRegister.AtRbp(0),
                        new SavedRegister.AtRbp(-16),
                        -8));
    }

    /** {@code breg7 8; breg9 …; lit8; mul; plus; deref; plus_uconst 8}: OpenSSL's. */
    @Test
    void elementOfTheStack() {
        assertThat(element(0x79, 0, 0x38)).isEqualTo(TestFile.frame(new CfaRule.Element(7, 9, 8, 8)));
        assertThat(element(0x79, 2, 0x38)).isEqualTo(TestFile.frame(new CfaRule.Element(7, 9, 24, 8)));
        assertThat(element(0x79, 0, 0x34)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
        assertThat(element(0x80, 0, 0x38)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
    }

    private static UnwindRule element(int register, int offset, int factor) {
        TestFile made = new TestFile();
        CfiBytes cfa = new CfiBytes().u8(0x0f, 10, 0x77, 8, register, offset, factor, 0x1e, 0x22, 0x06, 0x23, 8);
        return made.rule(made.fde(made.ordinaryCie(), CODE, 16, cfa).compile(), CODE);
    }

    @Test
    void expressionsFromTheCfa() {
        UnwindTable table = compile(new CfiBytes().u8(0x10, 6, 2, 0x23, 24, 0x10, 3, 3, 0x08, 16, 0x1c));
        assertThat(file.rule(table, CODE))
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.RegisterOffset(7, 8),
                        new SavedRegister.AtCfa(24),
                        new SavedRegister.AtCfa(-16),
                        -8));
    }

    @Test
    void emptyAndLongExpressionsAreUnsupported() {
        assertThat(file.rule(compile(new CfiBytes().u8(0x0f, 0)), CODE)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
        CfiBytes deep = new CfiBytes().u8(0x0f).uleb(60);
        for (int i = 0; i < 60; i++) {
            deep.u8(0x31);
        }
        InstructionTest other = new InstructionTest();
        assertThat(other.file.rule(other.compile(deep), CODE)).isEqualTo(stop(WalkEnd.UNSUPPORTED_RULE));
    }

    @Test
    void endOfStack() {
        assertThat(file.rule(compile(new CfiBytes().u8(0x07, 16)), CODE)).isEqualTo(stop(WalkEnd.END_OF_STACK));
    }

    @Test
    void advanceInACieIsCounted() {
        TestFile bad = new TestFile();
        int cie = bad.cie(TestFile.cieBody(1, "zR", 0).u8(0x41));
        assertThat(bad.fde(cie, CODE, 16, new CfiBytes()).compile().errors().toString())
                .isEqualTo("BAD_CIE=1 NO_CIE=1");
    }

    private UnwindTable compile(CfiBytes instructions) {
        return file.fde(file.ordinaryCie(), CODE, 0x80, instructions).compile();
    }

    private UnwindTable compileLarge(CfiBytes instructions) {
        return file.fde(file.ordinaryCie(), CODE, 0x18000, instructions).compile();
    }

    private static UnwindRule returnAddressAt(int offset) {
        return new UnwindRule.Frame(new CfaRule.RegisterOffset(7, 8), UNCHANGED, UNCHANGED, offset);
    }

    private static UnwindRule signal(CfiBytes instructions) {
        TestFile made = new TestFile();
        int cie = made.cie(TestFile.cieBody(1, "zRS", 0));
        return made.rule(made.fde(cie, CODE, 16, instructions).compile(), CODE);
    }

    private static CfiBytes pltExpression(int threshold, int last) {
        return new CfiBytes().u8(0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x30 + threshold, 0x2a, 0x33, 0x24, last);
    }
}
