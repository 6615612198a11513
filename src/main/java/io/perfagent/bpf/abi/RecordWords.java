package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Part of a record of the kernel side, copied at once: what runs a hundred times a second stays with Java's interpreter for minutes, and
 * there each look at a segment takes a microsecond. Places are bytes; no field lies across two words.
 */
final class RecordWords {
    private final long[] words;

    /** Throws {@link IndexOutOfBoundsException} where the record is shorter. */
    RecordWords(MemorySegment record, long from, long bytes) {
        words = new long[(int) (bytes / Long.BYTES)];
        MemorySegment.copy(record, JAVA_LONG, from, words, 0, words.length);
    }

    long longAt(long place) {
        return words[(int) (place >>> 3)];
    }

    int intAt(long place) {
        return (int) shifted(place);
    }

    /** Without a sign. */
    int shortAt(long place) {
        return (int) shifted(place) & 0xffff;
    }

    byte byteAt(long place) {
        return (byte) shifted(place);
    }

    private long shifted(long place) {
        return words[(int) (place >>> 3)] >>> ((place & 7) * Byte.SIZE);
    }

    /** The words from one on. */
    long[] words(int from, int count) {
        return Arrays.copyOfRange(words, from, from + count);
    }

    /** The comm of a thread. */
    String threadNameAt(long place) {
        return ThreadName.of(longAt(place), longAt(place + Long.BYTES));
    }
}
