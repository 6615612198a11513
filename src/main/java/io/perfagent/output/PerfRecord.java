package io.perfagent.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A record of perf.data (linux/perf_event.h, {@code enum perf_event_type}): a header, then what its type has, in eights of bytes.
 *
 * <pre>
 *   type:32 misc:16 size:16 │ …
 * </pre>
 */
final class PerfRecord {
    static final int MMAP = 1;
    static final int COMM = 3;
    static final int SAMPLE = 9;
    static final int MMAP2 = 10;

    static final int IN_KERNEL = 1;
    static final int IN_USER = 2;
    /** Of MMAP2: a build id in place of device and inode. */
    static final int WITH_BUILD_ID = 1 << 14;

    /** Of an entry in the table of build ids: how long the id is stands behind it. */
    static final int WITH_SIZE = 1 << 15;

    private static final int MOST_BYTES = (1 << 16) - 8;
    private static final int MOST_NAME_BYTES = 4095; // PATH_MAX, with its end
    private static final int SIZE_AT = 6;

    private final ByteBuffer bytes = ByteBuffer.allocate(MOST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    PerfRecord begin(int type, int misc) {
        bytes.clear();
        bytes.putInt(type).putShort((short) misc).putShort((short) 0);
        return this;
    }

    PerfRecord number(int value) {
        bytes.putInt(value);
        return this;
    }

    PerfRecord number(long value) {
        bytes.putLong(value);
        return this;
    }

    PerfRecord bytes(byte[] some) {
        bytes.put(some);
        return this;
    }

    /** With a byte 0 behind it, and as many more as an eight lacks. */
    PerfRecord name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.put(utf8, 0, Math.min(utf8.length, MOST_NAME_BYTES)).put((byte) 0);
        while (bytes.position() % Long.BYTES != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /** Numbers of eight bytes for which there is room. */
    int room() {
        return bytes.remaining() / Long.BYTES;
    }

    void writeTo(OutputStream out) throws IOException {
        bytes.putShort(SIZE_AT, (short) bytes.position());
        out.write(bytes.array(), 0, bytes.position());
    }
}
