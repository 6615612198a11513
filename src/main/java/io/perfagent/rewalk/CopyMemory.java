package io.perfagent.rewalk;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Memory for copied stacks, outside the heap, up to a bound; blocks of few sizes, which are used again. One thread at a time. */
final class CopyMemory implements AutoCloseable {
    private static final long SMALLEST = 4096;
    /** Of the last page and the registers: so a copy of the largest stack does not take a block of twice its size. */
    private static final long SPARE = 8192;

    private static final int SIZES = 8;

    private final Arena arena = Arena.ofShared();
    private final List<Deque<MemorySegment>> free = new ArrayList<>();
    private final long bound;
    private long allocated;

    /** @param bound of all blocks together, bytes */
    CopyMemory(long bound) {
        this.bound = bound;
        for (int i = 0; i < SIZES; i++) {
            free.add(new ArrayDeque<>());
        }
    }

    /** A block of at least so many bytes; null where the bound leaves no room for it. */
    @Nullable
    MemorySegment take(long bytes) {
        int size = sizeFor(bytes);
        if (size < SIZES && free.get(size).isEmpty() && allocated + bytesOf(size) <= bound) {
            allocated += bytesOf(size);
            return arena.allocate(bytesOf(size), 8);
        }
        for (int i = size; i < SIZES; i++) {
            if (!free.get(i).isEmpty()) {
                return free.get(i).pop();
            }
        }
        return null;
    }

    void giveBack(MemorySegment block) {
        free.get(sizeFor(block.byteSize())).push(block);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static int sizeFor(long bytes) {
        int size = 0;
        while (size < SIZES && bytesOf(size) < bytes) {
            size++;
        }
        return size;
    }

    private static long bytesOf(int size) {
        return (SMALLEST << size) + SPARE;
    }
}
