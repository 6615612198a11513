package io.perfagent.unwind;

import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.table.TableBuilder;
import java.io.IOException;

/** Pieces of code that something describes, sorted by where they begin. */
interface CodeRanges {
    CodeRanges NONE = new CodeRanges() {
        @Override
        public int count() {
            return 0;
        }

        @Override
        public long start(int index) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public long end(int index) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public void write(int index, long end, TableBuilder table) {
            throw new IndexOutOfBoundsException(index);
        }
    };

    int count();

    /** ELF address; the same as that of the piece before or higher. */
    long start(int index);

    /** ELF address, exclusive; not behind where the next one begins. */
    long end(int index);

    /** Writes the rows of a piece, no address before its start, none at {@code end} or behind it. */
    void write(int index, long end, TableBuilder table) throws IOException, MalformedCfi;
}
