package io.perfagent.runtime.cpython;

import java.util.Arrays;

/**
 * Which line each instruction of a code object is on. The table stays as the interpreter has it, with a note of where every 64th of its
 * entries is and what comes before, so that a look-up reads 64 entries at most.
 */
public final class LineTable {
    private static final int STRIDE = 64;

    private final Format format;
    private final byte[] table;
    private final int firstLine;
    /** By note: the first instruction behind it, in bytes; the line that is counted from; where the table goes on. */
    private final int[] starts;

    private final int[] running;
    private final int[] places;

    /** How lines are written down. */
    public enum Format {
        /** {@code co_lnotab} with signed increments: 3.6 to 3.9. */
        INCREMENTS,
        /** Pairs of {@code co_linetable}: 3.10. */
        PAIRS,
        /** Locations of {@code co_linetable}: 3.11 and later. */
        LOCATIONS;

        LineCursor begin(byte[] table, int firstLine) {
            return switch (this) {
                case INCREMENTS -> new IncrementCursor(table, firstLine);
                case PAIRS -> new PairCursor(table, firstLine);
                case LOCATIONS -> new LocationCursor(table, firstLine);
            };
        }
    }

    /** A table of any bytes. */
    public LineTable(Format format, byte[] table, int firstLine) {
        this.format = format;
        this.table = table;
        this.firstLine = firstLine;
        int[] starts = new int[table.length / STRIDE + 1];
        int[] running = new int[starts.length];
        int[] places = new int[starts.length];
        LineCursor cursor = format.begin(table, firstLine);
        int notes = 0;
        for (int entry = 0; ; entry++) {
            if (entry % STRIDE == 0) {
                starts[notes] = cursor.end;
                running[notes] = cursor.running;
                places[notes++] = cursor.at;
            }
            if (!cursor.advance()) {
                break;
            }
        }
        this.starts = Arrays.copyOf(starts, notes);
        this.running = Arrays.copyOf(running, notes);
        this.places = Arrays.copyOf(places, notes);
    }

    /**
     * The line of an instruction, 0 where it has none.
     *
     * @param offset in bytes from the first instruction; before that it is the first line
     */
    public int line(int offset) {
        if (offset < 0) {
            return Math.max(0, firstLine);
        }
        LineCursor cursor = format.begin(table, firstLine);
        goTo(cursor, offset);
        while (cursor.advance()) {
            if (cursor.end > offset) {
                return Math.max(0, cursor.line);
            }
        }
        return 0;
    }

    /** How many bytes this keeps. */
    public int bytes() {
        return table.length + 3 * Integer.BYTES * starts.length;
    }

    /** To the last note that is not behind the instruction; of several at one place the first. */
    private void goTo(LineCursor cursor, int offset) {
        int found = Arrays.binarySearch(starts, offset);
        int note = found >= 0 ? found : -found - 2;
        while (note > 0 && starts[note - 1] == starts[note]) {
            note--;
        }
        cursor.end = starts[note];
        cursor.running = running[note];
        cursor.at = places[note];
    }
}
