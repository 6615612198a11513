package io.perfagent.runtime.cpython;

/** Walks through a table of lines, range of instructions by range. Ranges may be empty. */
abstract sealed class LineCursor permits IncrementCursor, PairCursor, LocationCursor {
    final byte[] table;
    /** Where the table goes on. */
    int at;
    /** Of the range that it is at: the first instruction behind it, in bytes; 0 before the first. */
    int end;
    /** What the next increment is added to. */
    int running;
    /** Of the range that it is at; 0 or less: it has none. */
    int line;

    LineCursor(byte[] table, int firstLine) {
        this.table = table;
        this.running = firstLine;
    }

    /** To the next range; false where there is none. */
    abstract boolean advance();
}
