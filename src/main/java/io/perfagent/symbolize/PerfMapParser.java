package io.perfagent.symbolize;

import io.perfagent.model.LinesLeftOut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/**
 * Parses a perf map byte by byte, so that a line of any length costs no memory:
 *
 * <pre>
 *   7f5c1a2b3000 b py::Queue.get:/usr/lib/python3.12/queue.py
 *   address      size, hexadecimal; 0x allowed before either; then the name
 * </pre>
 *
 * A last line without its end is still being written: it is neither an entry nor bad.
 */
final class PerfMapParser {
    private static final long MAX_BYTES = 256L << 20;
    static final int MAX_ENTRIES = 1 << 21;
    private static final int CHUNK = 1 << 16;

    private enum Field {
        ADDRESS,
        SIZE,
        NAME,
        BAD
    }

    private final int mostEntries;
    private long[] starts = new long[256];
    private long[] ends = new long[256];
    private long[] namePositions = new long[256];
    private int[] nameLengths = new int[256];
    private int count;
    private long damaged;
    private long empty;
    private long beyondLimit;
    private long bytesBeyondLimit;

    private Field field = Field.ADDRESS;
    private long value;
    private int digits;
    private long address;
    private long size;
    private long nameStart;

    /** @param mostEntries that are kept: of more, the last */
    PerfMapParser(int mostEntries) {
        this.mostEntries = mostEntries;
    }

    void parse(SeekableByteChannel file) throws IOException {
        long position = Math.max(0, file.size() - MAX_BYTES);
        bytesBeyondLimit = position;
        field = position == 0 ? Field.ADDRESS : Field.BAD; // in the middle of a line
        file.position(position);
        long end = position + MAX_BYTES;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (position < end && file.read(chunk.clear()) > 0) {
            parse(chunk.array(), chunk.position(), position);
            position += chunk.position();
        }
    }

    int count() {
        return count;
    }

    LinesLeftOut leftOut() {
        return new LinesLeftOut(damaged, empty, beyondLimit, bytesBeyondLimit);
    }

    long[] starts() {
        return starts;
    }

    long[] ends() {
        return ends;
    }

    /** {@link AddressRanges} knows them by now. */
    void forgetRanges() {
        starts = new long[0];
        ends = new long[0];
        namePositions = Arrays.copyOf(namePositions, count);
        nameLengths = Arrays.copyOf(nameLengths, count);
    }

    long namePosition(int entry) {
        return namePositions[entry];
    }

    int nameLength(int entry) {
        return nameLengths[entry];
    }

    private void parse(byte[] bytes, int length, long position) {
        for (int at = 0; at < length; at++) {
            accept(bytes[at], position + at);
        }
    }

    private void accept(byte next, long position) {
        if (next == '\n') {
            endLine(position);
            return;
        }
        switch (field) {
            case ADDRESS -> acceptDigit(next, Field.SIZE, position);
            case SIZE -> acceptDigit(next, Field.NAME, position);
            case NAME, BAD -> {}
        }
    }

    private void acceptDigit(byte next, Field following, long position) {
        int digit = Character.digit(next, 16);
        if (digit >= 0 && digits < 16) {
            value = value << 4 | digit;
            digits++;
        } else if (next == 'x' && digits == 1 && value == 0) {
            digits = 0;
        } else if (next == ' ' && digits > 0) {
            endNumber(following, position);
        } else {
            field = Field.BAD;
        }
    }

    private void endNumber(Field following, long position) {
        if (following == Field.SIZE) {
            address = value;
        } else {
            size = value;
        }
        field = following;
        nameStart = position + 1;
        value = 0;
        digits = 0;
    }

    private void endLine(long position) {
        boolean named = field == Field.NAME && position > nameStart;
        boolean inUserSpace = address > 0 && size >= 0 && address + size >= address;
        if (!named || !inUserSpace) {
            damaged++;
        } else if (size == 0) {
            empty++;
        } else if (mostEntries == 0) {
            beyondLimit++;
        } else {
            add((int) Math.min(position - nameStart, Integer.MAX_VALUE));
        }
        field = Field.ADDRESS;
        value = 0;
        digits = 0;
    }

    private void add(int nameLength) {
        if (count == mostEntries) {
            forgetFirst((count + 1) / 2);
        }
        if (count == nameLengths.length) {
            int size = Math.min(2 * count, mostEntries);
            starts = Arrays.copyOf(starts, size);
            ends = Arrays.copyOf(ends, size);
            namePositions = Arrays.copyOf(namePositions, size);
            nameLengths = Arrays.copyOf(nameLengths, size);
        }
        starts[count] = address;
        ends[count] = address + size;
        namePositions[count] = nameStart;
        nameLengths[count++] = nameLength;
    }

    /** A later entry has precedence over an earlier one: to leave out the earlier makes no name wrong. */
    private void forgetFirst(int entries) {
        count -= entries;
        beyondLimit += entries;
        System.arraycopy(starts, entries, starts, 0, count);
        System.arraycopy(ends, entries, ends, 0, count);
        System.arraycopy(namePositions, entries, namePositions, 0, count);
        System.arraycopy(nameLengths, entries, nameLengths, 0, count);
    }
}
