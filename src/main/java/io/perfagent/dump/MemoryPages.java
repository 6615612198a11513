package io.perfagent.dump;

import io.perfagent.model.CodeMemory;
import io.perfagent.process.TargetCode;
import java.util.HashMap;
import java.util.Map;

/**
 * A process's memory, a page at a time, each read once: of what stays as it is meanwhile. Frames and code objects of many threads lie in
 * few pages, and a read costs a microsecond, however much it reads. For one thread.
 */
final class MemoryPages implements CodeMemory, AutoCloseable {
    private static final int PAGE = 4096;
    /** 16 MiB; then they are read again. */
    private static final int MOST = 4096;

    private static final byte[] UNREADABLE = {};

    private final TargetCode memory;
    private final Map<Long, byte[]> pages = new HashMap<>();

    MemoryPages(int pid) {
        this.memory = new TargetCode(pid);
    }

    /** What was read may be another's by now. */
    void forget() {
        pages.clear();
    }

    @Override
    public boolean read(long address, byte[] to, int at, int length) {
        for (int done = 0; done < length; ) {
            long from = address + done;
            byte[] page = page(from & -PAGE);
            int inside = (int) (from & (PAGE - 1));
            int part = Math.min(length - done, PAGE - inside);
            if (page.length == 0) {
                return false;
            }
            System.arraycopy(page, inside, to, at + done, part);
            done += part;
        }
        return true;
    }

    /** The same memory, none of which is kept: of what changes meanwhile. */
    CodeMemory now() {
        return memory;
    }

    /** A stack, which is read once and as a whole: as many bytes as there are from an address on, up to {@code most}. */
    byte[] stack(long address, int most) {
        return memory.readUpToEnd(address, most);
    }

    private byte[] page(long start) {
        if (pages.size() >= MOST) {
            pages.clear();
        }
        return pages.computeIfAbsent(start, this::readPage);
    }

    private byte[] readPage(long start) {
        byte[] page = new byte[PAGE];
        return memory.read(start, page, 0, PAGE) ? page : UNREADABLE;
    }

    @Override
    public void close() {
        memory.close();
    }
}
