package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.runtime.cpython.LineTable.Format;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables as the notes in CPython's sources describe them, and tables of any bytes. */
class LineTableTest {
    /** The example of Objects/lnotab_notes.txt: addresses 0, 6, 50, 350 and 361 begin lines 1, 2, 7, 207 and 208. */
    @Test
    void increments() {
        LineTable table = table(Format.INCREMENTS, 1, 0, 0, 6, 1, 44, 5, 255, 0, 45, 127, 0, 73, 11, 1);
        assertThat(lines(table, -1, 0, 5, 6, 49, 50, 349, 350, 360, 361, 100_000))
                .containsExactly(1, 1, 1, 2, 2, 7, 7, 207, 207, 208, 208);
    }

    @Test
    void incrementsMayGoBack() {
        assertThat(lines(table(Format.INCREMENTS, 10, 2, 5, 2, 0xfd), 0, 2, 4)).containsExactly(10, 15, 12);
    }

    /** The example of PEP 626's notes: a range without a line does not count for the next. */
    @Test
    void pairs() {
        LineTable table = table(Format.PAIRS, 1, 0, 1, 6, 0, 4, 0x80, 2, 3, 0, 127, 2, 0xff);
        assertThat(lines(table, -1, 0, 5, 6, 9, 10, 11, 12, 13, 14)).containsExactly(1, 2, 2, 0, 0, 5, 5, 131, 131, 0);
    }

    /** Short, one line, no columns, long with numbers of several bytes, none. */
    @Test
    void locations() {
        LineTable table =
                table(Format.LOCATIONS, 1, 0x80, 0x12, 0xd9, 1, 2, 0xe8, 6, 0xf0, 0x48, 0x02, 0, 1, 1, 0xf8, 0xe8, 7);
        assertThat(lines(table, -2, 0, 1, 2, 5, 6, 7, 8, 10, 12, 14))
                .containsExactly(1, 1, 1, 2, 2, 5, 5, 73, 0, 70, 0);
    }

    @Test
    void anEmptyTableHasTheFirstLineOnly() {
        assertThat(lines(table(Format.INCREMENTS, 3), -1, 0, 2)).containsExactly(3, 3, 3);
        assertThat(lines(table(Format.PAIRS, 3), -1, 0, 2)).containsExactly(3, 0, 0);
        assertThat(lines(table(Format.LOCATIONS, 3), -2, 0, 2)).containsExactly(3, 0, 0);
    }

    @Test
    void aFirstLineOfLessThanOneIsNone() {
        assertThat(lines(table(Format.INCREMENTS, -5, 2, 10), -1, 0, 2)).containsExactly(0, 0, 5);
    }

    @ParameterizedTest
    @EnumSource
    void aLookUpFindsWhatAWalkFinds(Format format) {
        Random random = new Random(1);
        for (int size : new int[] {0, 1, 2, 3, 127, 128, 129, 1000, 10_000}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            LineTableFuzzer.compare(format, bytes, random.nextInt());
        }
    }

    @ParameterizedTest
    @EnumSource
    void rangesMayBeEmptyByTheThousand(Format format) {
        LineTableFuzzer.compare(format, new byte[5000], 1);
    }

    private static LineTable table(Format format, int firstLine, int... bytes) {
        byte[] table = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            table[i] = (byte) bytes[i];
        }
        return new LineTable(format, table, firstLine);
    }

    private static int[] lines(LineTable table, int... offsets) {
        int[] lines = new int[offsets.length];
        for (int i = 0; i < offsets.length; i++) {
            lines[i] = table.line(offsets[i]);
        }
        return lines;
    }
}
