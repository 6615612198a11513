package io.perfagent.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Numbers and texts as {@link PageData} has them: unsigned, seven bits a byte, the lowest first, the top bit set where more follow. */
final class RecordStream {
    private final OutputStream out;

    RecordStream(OutputStream out) {
        this.out = new BufferedOutputStream(out, 1 << 14);
    }

    void number(long value) throws IOException {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    void numbers(int... values) throws IOException {
        for (int value : values) {
            number(value);
        }
    }

    /** How many bytes of UTF-8, and these. */
    void text(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        out.write(bytes);
    }

    void flush() throws IOException {
        out.flush();
    }
}
