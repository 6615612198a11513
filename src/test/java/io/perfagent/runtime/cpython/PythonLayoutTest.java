package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an interpreter says of its layout is believed only where it adds up. */
class PythonLayoutTest {
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 2, 5, 16, 99, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void versionsThatAreNotKnownAreRefused(int minor) {
        assertThat(MadeUpOffsets.of(15).layout(minor)).isEqualTo(LayoutRefusal.UNKNOWN_VERSION);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15})
    void aLayoutThatAddsUpIsTaken(int minor) {
        assertThat(MadeUpOffsets.of(minor).layout(minor))
                .isInstanceOfSatisfying(
                        PythonLayout.class,
                        layout -> assertThat(layout.code().version()).isEqualTo(92));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15})
    void anotherVersionsDescriptionIsNone(int minor) {
        MadeUpOffsets offsets = MadeUpOffsets.of(minor == 15 ? 13 : minor + 1);
        assertThat(offsets.layout(minor)).isEqualTo(LayoutRefusal.NOT_DESCRIBED);
        assertThat(MadeUpOffsets.of(minor).put(0, 0).layout(minor)).isEqualTo(LayoutRefusal.NOT_DESCRIBED);
        assertThat(MadeUpOffsets.of(minor).put(1, 0x1_030d_00f0L).layout(minor)).isEqualTo(LayoutRefusal.NOT_DESCRIBED);
    }

    /** Since 3.14 each thread of theirs has a copy of the code that it runs. */
    @ParameterizedTest
    @ValueSource(ints = {14, 15})
    void laterBuildsWithoutTheLockAreRefused(int minor) {
        assertThat(MadeUpOffsets.of(minor).put(2, 1).layout(minor)).isEqualTo(LayoutRefusal.FREE_THREADED);
    }

    @Test
    void objectsWithoutTheLockBeginWithMore() {
        assertThat(MadeUpOffsets.freeThreaded().layout(13)).isInstanceOfSatisfying(PythonLayout.class, layout -> {
            MadeUpPython python = new MadeUpPython(layout).function("shop", "f");
            assertThat(python.read()).isInstanceOfSatisfying(CodeObject.class, code -> {
                assertThat(code.name()).isEqualTo("f");
                assertThat(code.file()).isEqualTo("a.py");
            });
            assertThat(python.nameOfFunction("f")).isEqualTo("shop.f");
            assertThat(KernelLayout.of(layout, MadeUpPython.START, Gil.Unknown.UNKNOWN, 0))
                    .isNotNull();
        });
    }

    /** Of its own thread, 32 bits; of others, behind two bits of flags. What is freed has neither, and a pointer in front of both. */
    @ParameterizedTest
    @CsvSource({"1, 0, true", "-1, 0, true", "0, 4, true", "0, 7, true", "0, 3, false", "0, 0, false"})
    void referencesAreCountedTwiceWithoutTheLock(int own, long others, boolean alive) {
        PythonLayout layout = (PythonLayout) MadeUpOffsets.freeThreaded().layout(13);
        MadeUpPython python = new MadeUpPython(layout);
        python.word(MadeUpPython.CODE, 0x7f12_3456_7890L)
                .number(MadeUpPython.CODE + 12, own)
                .word(MadeUpPython.CODE + 16, others);
        assertThat(python.read() instanceof CodeObject).isEqualTo(alive);
    }

    @Test
    void memoryThatCannotBeReadIsRefused() {
        assertThat(PythonLayout.of(13, 0, (_, _, _, _) -> false)).isEqualTo(LayoutRefusal.UNREADABLE);
    }

    /** All that is read of the description, and at least the thread, frame and code groups, is checked. */
    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15})
    void offsetsThatLeadOutOfTheirStructAreRefused(int minor) {
        MadeUpOffsets whole = MadeUpOffsets.of(minor);
        List<Integer> checked = new ArrayList<>();
        for (int index = 3; index < MadeUpOffsets.WORDS; index++) {
            if (refused(whole, index, minor, -1)) {
                assertThat(refused(whole, index, minor, Long.MAX_VALUE))
                        .as("word " + index)
                        .isTrue();
                assertThat(refused(whole, index, minor, 1L << 32))
                        .as("word " + index)
                        .isTrue();
                checked.add(index);
            }
        }
        assertThat(checked).hasSizeGreaterThan(35);
    }

    private static boolean refused(MadeUpOffsets whole, int index, int minor, long value) {
        return whole.copy().put(index, value).layout(minor) == LayoutRefusal.CONTRADICTORY;
    }

    @Test
    void neighboursThatAreNotWhereTheyWereAreRefused() {
        assertThat(refused(MadeUpOffsets.of(13), 39, 13, 72)).as("first line").isTrue();
        assertThat(refused(MadeUpOffsets.of(13), 40, 13, 48)).as("arguments").isTrue();
        assertThat(refused(MadeUpOffsets.of(13), 37, 13, 120))
                .as("qualified name")
                .isTrue();
        assertThat(refused(MadeUpOffsets.of(13), 20, 13, 4)).as("alignment").isTrue();
    }

    @Test
    void anInstructionIsCountedFromTheFirst() {
        PythonLayout bytes = MadeUpPython.layout(9);
        assertThat(bytes.offset(-1)).isEqualTo(-1);
        assertThat(bytes.offset(6)).isEqualTo(6);
        PythonLayout units = MadeUpPython.layout(10);
        assertThat(units.offset(3)).isEqualTo(6);
        assertThat(units.offset(-1)).isNegative();
        assertThat(units.offset(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        PythonLayout pointers = MadeUpPython.layout(12);
        assertThat(pointers.offset(6)).isEqualTo(6);
        assertThat(pointers.offset(-2)).isEqualTo(-2);
        assertThat(pointers.offset(Integer.MIN_VALUE)).as("not of this code").isEqualTo(Integer.MAX_VALUE);
        assertThat(pointers.offset(-3)).as("not of this code").isEqualTo(Integer.MAX_VALUE);
    }
}
