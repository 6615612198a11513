package io.perfagent.bpf.walker;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/** The memory of a made-up process: pages that something was written to can be read, all others cannot. */
public final class UserMemory {
    private static final int PAGE = 4096;
    private static final long EFAULT = 14;

    private final Map<Long, byte[]> pages = new HashMap<>();
    private int reads;

    /** Writes words of 8 bytes, which may be unaligned. */
    public void words(long address, long... values) {
        for (int i = 0; i < values.length; i++) {
            for (int b = 0; b < 8; b++) {
                put(address + 8L * i + b, (byte) (values[i] >>> (8 * b)));
            }
        }
    }

    /** Writes bytes, each as an int. */
    public void bytes(long address, int... values) {
        for (int i = 0; i < values.length; i++) {
            put(address + i, (byte) values[i]);
        }
    }

    /** Writes a page of a recorded process, or less. */
    public void bytes(long address, byte[] values) {
        for (int i = 0; i < values.length; i++) {
            put(address + i, values[i]);
        }
    }

    /** Reads that the walker has made. */
    public int reads() {
        return reads;
    }

    /** Bytes as user space reads them, which does not count as the walker's reading; false where a page is missing. */
    boolean peek(long from, byte[] to, int at, int length) {
        for (int i = 0; i < length; i++) {
            byte[] page = pages.get((from + i) >>> 12);
            if (page == null) {
                return false;
            }
            to[at + i] = page[(int) (from + i) & (PAGE - 1)];
        }
        return true;
    }

    /** The upcall; it must not throw, since that would end the JVM. */
    @SuppressWarnings("restricted") // the walker says how large its buffer is
    long read(MemorySegment buffer, int size, long from) {
        reads++;
        MemorySegment to = buffer.reinterpret(size);
        int done = 0;
        while (done < size) {
            long address = from + done;
            byte[] page = pages.get(address >>> 12);
            if (page == null) {
                return -EFAULT;
            }
            int offset = (int) (address & (PAGE - 1));
            int count = Math.min(size - done, PAGE - offset);
            MemorySegment.copy(page, offset, to, ValueLayout.JAVA_BYTE, done, count);
            done += count;
        }
        return 0;
    }

    private void put(long address, byte value) {
        pages.computeIfAbsent(address >>> 12, _ -> new byte[PAGE])[(int) (address & (PAGE - 1))] = value;
    }
}
