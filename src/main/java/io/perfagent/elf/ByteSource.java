package io.perfagent.elf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Bytes of a file or an image in memory. Files are read, never mapped: a file that shrinks while mapped raises a fault in
 * whoever reads it.
 */
interface ByteSource extends AutoCloseable {
    int CHUNK = 1 << 16;

    long size() throws IOException;

    /** Bytes of heap that it holds. */
    default long heapBytes() {
        return 0;
    }

    /** Fills {@code into} from {@code position} on, or throws {@link EOFException}. */
    void read(long position, ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;

    static ByteSource of(FileChannel channel) {
        return new ByteSource() {
            @Override
            public long size() throws IOException {
                return channel.size();
            }

            @Override
            public void read(long position, ByteBuffer into) throws IOException {
                long at = position;
                int end = into.limit();
                while (into.position() < end) {
                    into.limit(
                            Math.min(end, into.position() + CHUNK)); // the channel copies through memory of that size
                    int count = channel.read(into, at);
                    if (count < 0) {
                        throw new EOFException("the file ends at " + at);
                    }
                    at += count;
                }
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    static ByteSource of(byte[] image) {
        return new ByteSource() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public long heapBytes() {
                return image.length;
            }

            @Override
            public void read(long position, ByteBuffer into) throws EOFException {
                if (position < 0 || position > image.length - into.remaining()) {
                    throw new EOFException("the image ends at " + image.length);
                }
                into.put(image, (int) position, into.remaining());
            }

            @Override
            public void close() {}
        };
    }

    /**
     * The {@code length} bytes at {@code position}, little-endian; an {@link ElfException} where there are none, a
     * {@link TooLargeException} where there are, and more than {@code limit}.
     */
    default ByteBuffer slice(long position, long length, long limit) throws IOException {
        require(position, length, limit);
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        read(position, bytes);
        return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Throws as {@link #slice} does. */
    default void require(long position, long length, long limit) throws IOException {
        if (position < 0 || length < 0 || position > size() - length) {
            throw new ElfException("bytes " + position + "+" + length + " lie outside the file");
        }
        if (length > limit) {
            throw new TooLargeException(length + " bytes are more than " + limit);
        }
    }
}
