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
        return lastIn(pid, address, address + SIZE) == address;
    }

    /**
     * The last one of some pages.
     *
     * @param from address of the first page
     * @param to address of the page behind the last
     * @return its address; −1 where there is none, and on kernels that do not say
     */
    public static long lastIn(int pid, long from, long to) {
        ByteBuffer words = words(pid, from, (int) ((to - from) / SIZE));
        for (int at = words.limit() - Long.BYTES; at >= 0; at -= Long.BYTES) {
            if ((words.getLong(at) & GUARD) != 0) {
                return from + (long) at / Long.BYTES * SIZE;
            }
        }
        return -1;
    }

    /** None where they cannot be read: the process may have ended. */
    private static ByteBuffer words(int pid, long from, int pages) {
        byte[] words = new byte[pages * Long.BYTES];
        try (RandomAccessFile file = new RandomAccessFile("/proc/" + pid + "/pagemap", "r")) {
            file.seek(from / SIZE * Long.BYTES);
            file.readFully(words);
        } catch (IOException _) {
            return ByteBuffer.allocate(0);
        }
        return ByteBuffer.wrap(words).order(ByteOrder.LITTLE_ENDIAN);
    }
}
