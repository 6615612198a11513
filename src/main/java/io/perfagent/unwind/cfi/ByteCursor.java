package io.perfagent.unwind.cfi;

/**
 * Reads little-endian fields inside a window of a section; a field that leaves the window is {@link CfiError#TRUNCATED}.
 *
 * <pre>
 *   bytes  |........[ at →      end ).......|
 *          ↑ ELF address of position 0
 * </pre>
 */
public final class ByteCursor {
    private final byte[] bytes;
    private final long address;
    private int at;
    private int end;

    /** @param address ELF address of {@code bytes[0]} */
    public ByteCursor(byte[] bytes, long address) {
        this.bytes = bytes;
        this.address = address;
        this.end = bytes.length;
    }

    /** Moves to {@code from} and forbids reading at {@code to} or beyond; both lie in the section. */
    public ByteCursor window(int from, int to) {
        at = from;
        end = to;
        return this;
    }

    public int position() {
        return at;
    }

    public int end() {
        return end;
    }

    long address() {
        return address + at;
    }

    public boolean hasMore() {
        return at < end;
    }

    public int u8() throws MalformedCfi {
        if (at >= end) {
            throw new MalformedCfi(CfiError.TRUNCATED);
        }
        return bytes[at++] & 0xff;
    }

    public int u16() throws MalformedCfi {
        int from = take(2);
        return byteAt(from) | byteAt(from + 1) << 8;
    }

    public int s32() throws MalformedCfi {
        int from = take(4);
        return byteAt(from) | byteAt(from + 1) << 8 | byteAt(from + 2) << 16 | byteAt(from + 3) << 24;
    }

    public long u32() throws MalformedCfi {
        return Integer.toUnsignedLong(s32());
    }

    public long s64() throws MalformedCfi {
        return u32() | (long) s32() << 32;
    }

    public void skip(long length) throws MalformedCfi {
        take(length);
    }

    /** An unsigned LEB128 number (DWARF 5, 7.6); bits beyond 64 are lost. Nearly all are of one byte. */
    public long uleb() throws MalformedCfi {
        int first = u8();
        return first < 0x80 ? first : uleb(first & 0x7f);
    }

    private long uleb(int first) throws MalformedCfi {
        long value = first;
        int shift = 7;
        int next;
        do {
            next = u8();
            value |= shift < 64 ? (long) (next & 0x7f) << shift : 0;
            shift += 7;
        } while (next >= 0x80);
        return value;
    }

    /** A signed LEB128 number. */
    public long sleb() throws MalformedCfi {
        long value = 0;
        int shift = 0;
        int next;
        do {
            next = u8();
            value |= shift < 64 ? (long) (next & 0x7f) << shift : 0;
            shift += 7;
        } while (next >= 0x80);
        return shift < 64 && (next & 0x40) != 0 ? value | -1L << shift : value;
    }

    private int byteAt(int position) {
        return bytes[position] & 0xff;
    }

    private int take(long length) throws MalformedCfi {
        if (length < 0 || length > end - at) {
            throw new MalformedCfi(CfiError.TRUNCATED);
        }
        int from = at;
        at += (int) length;
        return from;
    }
}
