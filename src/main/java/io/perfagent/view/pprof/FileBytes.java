package io.perfagent.view.pprof;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** All bytes of a profile, out of gzip where they are in it. A few bytes can be made to inflate to any number: there is a bound. */
final class FileBytes {
    private static final int GZIP_1 = 0x1f;
    private static final int GZIP_2 = 0x8b;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FIRST_BYTES = 1 << 20;
    /** What is read is one array. What is made of it takes as much again. */
    private static final int SHARE_OF_HEAP = 2;

    private final byte[] bytes;
    private final int length;

    private FileBytes(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
    }

    /** Bytes that a profile may have in a heap of that size. */
    static int most(long heapBytes) {
        return (int) Math.min(Integer.MAX_VALUE - BUFFER_BYTES, heapBytes / SHARE_OF_HEAP);
    }

    /**
     * Reads to the end.
     *
     * @param expected about as many as there will be; 0 where that is not known
     * @param most inflated
     */
    static FileBytes read(InputStream in, long expected, int most) throws IOException {
        PushbackInputStream file = new PushbackInputStream(in, 2);
        byte[] first = file.readNBytes(2);
        file.unread(first);
        boolean packed = first.length == 2 && (first[0] & 0xff) == GZIP_1 && (first[1] & 0xff) == GZIP_2;
        try {
            InputStream unpacked = packed ? new GZIPInputStream(file, BUFFER_BYTES) : file;
            return whole(unpacked, Math.max(FIRST_BYTES, expected + 1), most);
        } catch (EOFException _) {
            throw BadProfileException.damaged("it ends within what gzip has packed");
        } catch (ZipException e) {
            throw BadProfileException.damaged("gzip cannot unpack it (" + e.getMessage() + ")");
        }
    }

    private static FileBytes whole(InputStream in, long first, int most) throws IOException {
        byte[] bytes = new byte[Math.clamp(first, 1, most)];
        int length = 0;
        for (int read = 0; read >= 0; length += Math.max(0, read)) {
            if (length == bytes.length) {
                bytes = longer(bytes, most);
            }
            read = in.read(bytes, length, bytes.length - length);
        }
        return new FileBytes(bytes, length);
    }

    private static byte[] longer(byte[] bytes, int most) throws BadProfileException {
        if (bytes.length == most) {
            throw new BadProfileException("it is larger than the " + (most >> 20)
                    + " MiB that there is room for, unpacked: take a profile of a shorter time");
        }
        return Arrays.copyOf(bytes, (int) Math.min(most, 2L * bytes.length));
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }
}
