package io.perfagent.unwind;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of call-frame information, written field by field. */
final class CfiBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    CfiBytes u8(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    CfiBytes number(long value, int size) {
        for (int i = 0; i < size; i++) {
            bytes.write((int) (value >> (8 * i)));
        }
        return this;
    }

    CfiBytes uleb(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            bytes.write(((int) rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }

    CfiBytes sleb(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            bytes.write(((int) rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        bytes.write((int) rest & 0x7f);
        return this;
    }

    CfiBytes text(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        bytes.write(0);
        return this;
    }

    CfiBytes add(CfiBytes other) {
        bytes.writeBytes(other.toArray());
        return this;
    }

    int size() {
        return bytes.size();
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }
}
