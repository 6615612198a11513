package io.perfagent.runtime.cpython;

/**
 * {@code co_lnotab} (Objects/lnotab_notes.txt): pairs of bytes, by how many the address grows, unsigned, and by how many the line does after
 * that, signed. Each range ends where the next pair begins; the last one has no end.
 */
final class IncrementCursor extends LineCursor {
    /** The pair behind the last one, which ends the last range. */
    private static final int LAST = 2;

    IncrementCursor(byte[] table, int firstLine) {
        super(table, firstLine);
    }

    @Override
    boolean advance() {
        if (at >= table.length / 2 * 2 + LAST) {
            return false;
        }
        if (at > 0) {
            running += table[at - 1];
        }
        line = running;
        end = at + 1 < table.length ? end + Byte.toUnsignedInt(table[at]) : Integer.MAX_VALUE;
        at += 2;
        return true;
    }
}
