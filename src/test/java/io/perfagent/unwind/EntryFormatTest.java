package io.perfagent.unwind;

import static io.perfagent.unwind.TestFile.CODE;
import static io.perfagent.unwind.TestFile.rsp;
import static io.perfagent.unwind.TestFile.stop;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.table.UnwindTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths, versions, augmentations and pointers of CIEs and FDEs, by bytes made by hand. */
class EntryFormatTest {
    private static final CfiBytes PUSH = new CfiBytes().u8(0x41, 0x0e, 16); // advance 1; def_cfa_offset 16

    private final TestFile file = new TestFile();

    @Test
    void ordinary() {
        expectPush(file.fde(file.ordinaryCie(), CODE, 32, PUSH));
    }

    @Test
    void extendedLength() {
        CfiBytes cie = new CfiBytes().number(0, 4).add(TestFile.cieBody(1, "zR", 0));
        file.raw(new CfiBytes().number(-1, 4).number(cie.size(), 8).add(cie));
        CfiBytes fde = new CfiBytes()
                .number(12 + cie.size() + 12, 4)
                .number(CODE, 8)
                .number(32, 8)
                .uleb(0)
                .add(PUSH);
        file.raw(new CfiBytes().number(-1, 4).number(fde.size(), 8).add(fde));
        expectPush(file);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0a, 0x0b, 0x0c})
    void formatsOfPointers(int format) {
        expectPointer(format, CODE, CODE);
        expectPointer(0x30 | format, CODE, CODE - TestFile.HEADER);
        expectPointer(0x80 | format, CODE, CODE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x10, 0x14, 0x19, 0x1a, 0x1b, 0x1c, 0x9b})
    void pointersBackFromTheirField(int encoding) {
        int cie = file.cie(TestFile.cieBody(1, "zR", encoding));
        CfiBytes body = pointer(new CfiBytes(), encoding, CODE - (file.here() + 8));
        expectPush(file.fdeBody(cie, pointer(body, encoding, 32).uleb(0).add(PUSH)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x11, 0x12, 0x13})
    void pointersAheadOfTheirField(int encoding) {
        long code = 0x9000;
        int cie = file.cie(TestFile.cieBody(1, "zR", encoding));
        CfiBytes body = pointer(new CfiBytes(), encoding, code - (file.here() + 8));
        file.fdeBody(cie, pointer(body, encoding, 32).uleb(0).add(PUSH));
        assertThat(file.rule(file.compile(), code + 1)).isEqualTo(rsp(16));
    }

    @Test
    void alignedPointer() {
        int cie = file.cie(TestFile.cieBody(1, "zR", 0x50));
        CfiBytes body = new CfiBytes().u8(new int[(int) (-(file.here() + 8) & 7)]);
        expectPush(file.fdeBody(cie, body.number(CODE, 8).number(32, 8).uleb(0).add(PUSH)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x05, 0x0d, 0x20, 0x40, 0x60, 0xff})
    void unknownPointersAreCounted(int encoding) {
        int cie = file.cie(TestFile.cieBody(1, "zR", encoding));
        UnwindTable table = file.fde(cie, CODE, 32, PUSH).compile();
        assertThat(table.errors().of(CfiError.BAD_POINTER)).isEqualTo(1);
        assertThat(table.rows()).isEmpty();
    }

    @Test
    void withoutAugmentation() {
        int cie = file.cie(new CfiBytes().u8(1).text("").uleb(1).sleb(-8).u8(16).add(TestFile.initial()));
        expectPush(
                file.fdeBody(cie, new CfiBytes().number(CODE, 8).number(32, 8).add(PUSH)));
    }

    @Test
    void oldAugmentation() {
        CfiBytes body = new CfiBytes()
                .u8(1)
                .text("eh")
                .number(0x1234, 8)
                .uleb(1)
                .sleb(-8)
                .u8(16);
        int cie = file.cie(body.add(TestFile.initial()));
        expectPush(
                file.fdeBody(cie, new CfiBytes().number(CODE, 8).number(32, 8).add(PUSH)));
    }

    @Test
    void personalityAndLanguageData() {
        int cie = file.cie(TestFile.cieBody(1, "zPLR", 0x9b, 1, 2, 3, 4, 0x1b, 0x00));
        CfiBytes body = new CfiBytes().number(CODE, 8).number(32, 8).uleb(4).u8(9, 9, 9, 9);
        expectPush(file.fdeBody(cie, body.add(PUSH)));
    }

    @Test
    void lettersThatAreUnknownAreSkipped() {
        expectPush(file.fde(file.cie(TestFile.cieBody(1, "zRBX", 0x00, 1, 2, 3)), CODE, 32, PUSH));
    }

    @Test
    void augmentationOfUnknownLengthIsCounted() {
        expectBadCie(new CfiBytes().u8(1).text("armcc+").uleb(1).sleb(-8).u8(16).add(TestFile.initial()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 5, 255})
    void versionsThatAreUnknownAreCounted(int version) {
        expectBadCie(TestFile.cieBody(version, "zR", 0));
    }

    @Test
    void alignmentFactorsOutOfRangeAreCounted() {
        expectBadCie(new CfiBytes().u8(1).text("").uleb(0).sleb(-8).u8(16).add(TestFile.initial()));
        expectBadCie(new CfiBytes().u8(1).text("").uleb(1).sleb(1L << 40).u8(16).add(TestFile.initial()));
    }

    @Test
    void version3() {
        expectPush(file.fde(file.cie(TestFile.cieBody(3, "zR", 0)), CODE, 32, PUSH));
    }

    @Test
    void version4() {
        CfiBytes body = new CfiBytes()
                .u8(4)
                .text("zR")
                .u8(8, 0)
                .uleb(1)
                .sleb(-8)
                .uleb(16)
                .uleb(1)
                .u8(0);
        expectPush(file.fde(file.cie(body.add(TestFile.initial())), CODE, 32, PUSH));
    }

    @Test
    void terminatorEndsASectionOfUnknownSize() {
        file.fde(file.ordinaryCie(), CODE, 32, PUSH).raw(new CfiBytes().number(0, 4));
        file.fde(file.ordinaryCie(), CODE + 64, 32, PUSH);
        assertThat(file.rule(file.compile(), CODE + 64)).isEqualTo(stop(WalkEnd.NO_RULE));
        file.withSectionHeaders();
        assertThat(file.rule(file.compile(), CODE + 64)).isEqualTo(rsp(8));
    }

    private void expectPush(TestFile made) {
        UnwindTable table = made.compile();
        assertThat(table.errors().toString()).isEmpty();
        assertThat(made.rule(table, CODE - 1)).isEqualTo(stop(WalkEnd.NO_RULE));
        assertThat(made.rule(table, CODE)).isEqualTo(rsp(8));
        assertThat(made.rule(table, CODE + 1)).isEqualTo(rsp(16));
        assertThat(made.rule(table, CODE + 31)).isEqualTo(rsp(16));
        assertThat(made.rule(table, CODE + 32)).isEqualTo(stop(WalkEnd.NO_RULE));
    }

    private static void expectBadCie(CfiBytes body) {
        TestFile bad = new TestFile();
        UnwindTable table = bad.fde(bad.cie(body), CODE, 32, PUSH).compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_CIE=1 NO_CIE=1");
        assertThat(table.rows()).isEmpty();
    }

    private void expectPointer(int encoding, long code, long value) {
        TestFile made = new TestFile();
        int cie = made.cie(TestFile.cieBody(1, "zR", encoding));
        CfiBytes body = pointer(pointer(new CfiBytes(), encoding, value), encoding, 32)
                .uleb(0)
                .add(PUSH);
        UnwindTable table = made.fdeBody(cie, body).compile();
        assertThat(table.errors().toString()).isEmpty();
        assertThat(made.rule(table, code + 1)).isEqualTo(rsp(16));
    }

    private static CfiBytes pointer(CfiBytes bytes, int encoding, long value) {
        return switch (encoding & 0xf) {
            case 1 -> bytes.uleb(value);
            case 9 -> bytes.sleb(value);
            case 2, 0xa -> bytes.number(value, 2);
            case 3, 0xb -> bytes.number(value, 4);
            default -> bytes.number(value, 8);
        };
    }
}
