package io.perfagent.runtime.cpython;

import io.perfagent.runtime.cpython.LineTable.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tables of lines of any bytes; the first byte chooses the format. A look-up finds what a walk from the beginning finds. */
public final class LineTableFuzzer {
    private LineTableFuzzer() {}

    public static List<byte[]> seeds() {
        return new ArrayList<>(List.of(
                new byte[] {0, 0, 0, 6, 1, 44, 5, -1, 0, 45, 127, 0, 73, 11, 1},
                new byte[] {1, 0, 1, 6, 0, 4, -128, 2, 3, 0, 127, 2, -1},
                new byte[] {2, -128, 0x12, -39, 1, 2, -24, 7, -16, 0x48, 2, 0, 1, 1, -8, -128, 0}));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            Format format = Format.values()[Math.floorMod(input[0], Format.values().length)];
            compare(format, Arrays.copyOfRange(input, 1, input.length), input.length);
        }
    }

    static void compare(Format format, byte[] bytes, int firstLine) {
        LineTable table = new LineTable(format, bytes, firstLine);
        LineCursor cursor = format.begin(bytes, firstLine);
        int start = 0;
        while (cursor.advance()) {
            for (int offset : new int[] {start, start + (cursor.end - start) / 2, cursor.end - 1}) {
                if (cursor.end > start && table.line(offset) != Math.max(0, cursor.line)) {
                    throw new AssertionError(
                            "at " + offset + " " + table.line(offset) + " and " + cursor.line + " from the beginning");
                }
            }
            if (cursor.end < start) {
                throw new AssertionError("a range that ends before it begins");
            }
            start = cursor.end;
        }
        if (table.bytes() > bytes.length * 2 + 100) {
            throw new AssertionError(table.bytes() + " bytes for a table of " + bytes.length);
        }
    }
}
