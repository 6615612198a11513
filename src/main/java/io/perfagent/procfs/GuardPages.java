package io.perfagent.procfs;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Pages that madvise(2) made guards, {@code /proc/<pid>/pagemap} (Documentation/admin-guide/mm/pagemap.rst): a word a page, bit 58 of
 * which says so since Linux 6.15. glibc 2.42 guards stacks that way, inside their mapping.
 */
public final class GuardPages {
    /** Bytes of a page. */
    public static final int SIZE = 4096;

    private static final long GUARD = 1L << 58;

    private GuardPages() {}

    /** Whether the page at {@code address} is one; false on kernels that do not say. */
    public static boolean at(int pid, long address) {
        byte[] word = new byte[Long.BYTES];
        try (RandomAccessFile pages = new RandomAccessFile("/proc/" + pid + "/pagemap", "r")) {
            pages.seek(address / SIZE * Long.BYTES);
            pages.readFully(word);
        } catch (IOException _) {
            return false;
        }
        return (ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong() & GUARD) != 0;
    }
}
