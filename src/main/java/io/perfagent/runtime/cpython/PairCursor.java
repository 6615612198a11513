package io.perfagent.runtime.cpython;

/**
 * {@code co_linetable} of 3.10 (PEP 626): pairs of bytes, the length of a range, unsigned, and by how many its line is further than that of the
 * range before, signed; −128 says that it has none.
 */
final class PairCursor extends LineCursor {
    private static final byte NO_LINE = -128;

    PairCursor(byte[] table, int firstLine) {
        super(table, firstLine);
    }

    @Override
    boolean advance() {
        if (at + 1 >= table.length) {
            return false;
        }
        end += Byte.toUnsignedInt(table[at]);
        byte increment = table[at + 1];
        if (increment == NO_LINE) {
            line = 0;
        } else {
            running += increment;
            line = running;
        }
        at += 2;
        return true;
    }
}
