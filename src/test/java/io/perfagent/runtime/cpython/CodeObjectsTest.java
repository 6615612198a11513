package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.MadeUpPython.CODE;
import static io.perfagent.runtime.cpython.MadeUpPython.FILE;
import static io.perfagent.runtime.cpython.MadeUpPython.LINES;
import static io.perfagent.runtime.cpython.MadeUpPython.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.CodeMemory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code objects that are whole, that are not, and that change while they are read. */
class CodeObjectsTest {
    private final PythonLayout layout = MadeUpPython.layout(9);
    private final MadeUpPython python = new MadeUpPython(layout);

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8, 9, 10, 11, 12})
    void aCodeObjectIsReadAsItsVersionHasIt(int minor) {
        CodeResult result = new MadeUpPython(MadeUpPython.layout(minor)).read();
        assertThat(result).isInstanceOfSatisfying(CodeObject.class, code -> {
            assertThat(code.name()).isEqualTo("f");
            assertThat(code.file()).isEqualTo("a.py");
            assertThat(code.firstLine()).isEqualTo(7);
        });
    }

    @Test
    void textMayHaveCharactersOfAnyWidth() {
        assertThat(name(python.text(NAME, "caf\u00e9", 1, false))).isEqualTo("caf\u00e9");
        assertThat(name(python.text(NAME, "\u51fd\u6570", 2, false))).isEqualTo("\u51fd\u6570");
        assertThat(name(python.text(NAME, "\ud83d\udc0d", 4, false))).isEqualTo("\ud83d\udc0d");
        assertThat(name(python.text(NAME, "", 1, true))).isEmpty();
    }

    @Test
    void whatIsNoCharacterBecomesTheReplacementCharacter() {
        python.text(NAME, "ab", 2, false).number(NAME + layout.objects().wideData(), 0xdcff_dc80);
        assertThat(name(python)).isEqualTo("\ufffd\ufffd");
        python.text(NAME, "ab", 4, false)
                .number(NAME + layout.objects().wideData(), 0xdcff)
                .number(NAME + layout.objects().wideData() + 4, 0x7fff_ffff);
        assertThat(name(python)).isEqualTo("\ufffd\ufffd");
    }

    /** Of 3.12 and later; a function of a file that is called so has a line. */
    @Test
    void whatChecksInitIsNoFunction() {
        MadeUpPython made = new MadeUpPython(MadeUpPython.layout(12))
                .text(NAME, "__init__", 1, true)
                .text(FILE, "__init__", 1, true);
        assertThat(made.read())
                .isInstanceOfSatisfying(
                        CodeObject.class, code -> assertThat(code.checksInit()).isFalse());
        made.number(CODE + MadeUpPython.layout(12).code().firstLine(), 0);
        assertThat(made.read())
                .isInstanceOfSatisfying(
                        CodeObject.class, code -> assertThat(code.checksInit()).isTrue());
        made.text(FILE, "a.py", 1, true);
        assertThat(made.read())
                .isInstanceOfSatisfying(
                        CodeObject.class, code -> assertThat(code.checksInit()).isFalse());
    }

    @Test
    void whatIsNoCodeIsNoCode() {
        assertThat(python.object(CODE, BuiltinType.STR).read()).isEqualTo(CodeMiss.NO_CODE);
        assertThat(python.word(CODE + layout.objects().type(), 0).read()).isEqualTo(CodeMiss.NO_CODE);
    }

    @Test
    void namesAreTextAndTablesAreBytes() {
        assertThat(new MadeUpPython(layout).object(NAME, BuiltinType.BYTES).read())
                .isEqualTo(CodeMiss.MALFORMED);
        assertThat(new MadeUpPython(layout).object(FILE, BuiltinType.CODE).read())
                .isEqualTo(CodeMiss.MALFORMED);
        assertThat(new MadeUpPython(layout).object(LINES, BuiltinType.STR).read())
                .isEqualTo(CodeMiss.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 2, 3 << 2 | 1 << 5, 2 << 2 | 1 << 5 | 1 << 6, -1})
    void textThatIsNotCompactOrOfNoWidthIsMalformed(int state) {
        python.number(NAME + layout.objects().textState(), state);
        assertThat(python.read()).isEqualTo(CodeMiss.MALFORMED);
    }

    @Test
    void lengthsHaveBounds() {
        long length = NAME + layout.objects().textLength();
        assertThat(python.word(length, -1).read()).isEqualTo(CodeMiss.MALFORMED);
        assertThat(python.word(length, Long.MIN_VALUE).read()).isEqualTo(CodeMiss.MALFORMED);
        assertThat(python.word(length, 4097).read()).isEqualTo(CodeMiss.TOO_LARGE);
        assertThat(python.word(length, Long.MAX_VALUE).read()).isEqualTo(CodeMiss.TOO_LARGE);
        python.text(NAME, "f", 1, true);
        assertThat(python.word(LINES + layout.objects().bytesSize(), (1 << 20) + 1)
                        .read())
                .isEqualTo(CodeMiss.TOO_LARGE);
    }

    @Test
    void pointersMayLeadAnywhere() {
        for (long address :
                new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, MadeUpPython.START + MadeUpPython.SIZE}) {
            python.word(CODE + layout.code().file(), address);
            assertThat(python.read()).isEqualTo(CodeMiss.UNREADABLE);
        }
    }

    @Test
    void anotherTagIsAnotherCodeObject() {
        CodeObjects codes = new CodeObjects(layout, python.memory());
        int tag = python.tag();
        assertThat(codes.read(CODE, tag)).isInstanceOf(CodeObject.class);
        assertThat(codes.read(CODE, tag + 1)).isEqualTo(CodeMiss.GONE);
        assertThat(python.text(NAME, "g", 1, true).tag()).as("another name").isNotEqualTo(tag);
        assertThat(codes.read(CODE, tag)).isEqualTo(CodeMiss.GONE);
    }

    @Test
    void eachWordOfTheTagCounts() {
        int tag = CodeTag.mix(1, 2, 3);
        assertThat(CodeTag.mix(1L << 63 | 1, 2, 3)).isNotEqualTo(tag);
        assertThat(CodeTag.mix(1, 1L << 63 | 2, 3)).isNotEqualTo(tag);
        assertThat(CodeTag.mix(1, 2, 1L << 63 | 3)).isNotEqualTo(tag);
        assertThat(CodeTag.mix(2, 1, 3)).isNotEqualTo(tag);
    }

    /** The kernel side mixes likewise: a change here is one there. */
    @Test
    void theTagOfThreeWordsIsThis() {
        assertThat(CodeTag.mix(0, 0, 0)).isZero();
        assertThat(CodeTag.mix(0x1122_3344_5566_7788L, -1, 42)).isEqualTo(0x4691_10fa);
    }

    /** Freed memory holds a pointer, or 0, where the number of references was. */
    @ParameterizedTest
    @ValueSource(longs = {0, 0x7f12_3456_7890L, 0x5555_5566_7788L})
    void freedCodeIsGone(long references) {
        assertThat(python.word(CODE, references).read()).isEqualTo(CodeMiss.GONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0xffff_ffffL, 5L << 28, 5L << 48 | 1, 999_999_999})
    void referencesMayBeManyOrCountedNoMore(long references) {
        assertThat(python.word(CODE, references).read()).isInstanceOf(CodeObject.class);
    }

    @Test
    void codeThatChangesWhileItIsReadIsGone() {
        for (int change = 1; change < 12; change++) {
            assertThat(new MadeUpPython(layout).read()).isInstanceOf(CodeObject.class);
            MadeUpPython changing = new MadeUpPython(layout);
            int tag = changing.tag();
            CodeResult result = new CodeObjects(layout, changingAt(changing, change)).read(CODE, tag);
            assertThat(result).as("at read " + change).isEqualTo(CodeMiss.GONE);
        }
    }

    /** At its n-th read another code object is in the place of the first, with a name at the same address. */
    private static CodeMemory changingAt(MadeUpPython changing, int read) {
        AtomicInteger reads = new AtomicInteger();
        return (address, to, at, length) -> {
            if (reads.incrementAndGet() == read) {
                changing.text(NAME, "g", 1, true);
            }
            return changing.memory().read(address, to, at, length);
        };
    }

    private static String name(MadeUpPython python) {
        return python.read() instanceof CodeObject code ? code.name() : "no code";
    }
}
