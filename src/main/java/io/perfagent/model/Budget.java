package io.perfagent.model;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * How much of the heap may be taken by what others' files and memory make us hold: any process can map a file or write a perf map that
 * would fill it alone. What finds no room is a miss that is counted, never an {@link OutOfMemoryError}.
 *
 * <pre>
 *   heap  │ kept 1/5            │ work 1/5          │ stacks 1/3     │ the rest: what is our own
 *         │ symbols, perf maps, │ tables being made │ bounded where  │ of a run
 *         │ names               │                   │ they are kept  │
 * </pre>
 *
 * Safe for use by several threads.
 */
public final class Budget {
    private static final int SHARE_OF_HEAP = 5;
    /** However much one holder asks for, half of what it finds stays for those that come later. */
    private static final int MOST_OF_FREE = 2;
    /** A semaphore counts no further than an int. */
    private static final int UNIT = 1 << 10;

    private final long keptBytes;
    private final int workUnits;
    private final Semaphore work;
    private long used; // guarded by this

    /** @param heapBytes of which two fifths are given out */
    public Budget(long heapBytes) {
        this.keptBytes = heapBytes / SHARE_OF_HEAP;
        this.workUnits = (int) Math.min(Integer.MAX_VALUE, heapBytes / SHARE_OF_HEAP / UNIT);
        this.work = new Semaphore(workUnits, true);
    }

    /** That of this virtual machine's heap, as {@code -Xmx} limits it. */
    public static Budget ofHeap() {
        return new Budget(Runtime.getRuntime().maxMemory());
    }

    /** A holder of what is kept, with nothing yet. */
    public Kept keep() {
        return new Kept();
    }

    /** Whether so many bytes would fit if nobody else had any. */
    public boolean mayKeep(long bytes) {
        return bytes <= keptBytes / MOST_OF_FREE;
    }

    /** Whether more than half of what may be kept is taken: who keeps what can be had again gives some of it up then. */
    public synchronized boolean scarce() {
        return used > keptBytes / 2;
    }

    /** Bytes that one piece of work can have at most. */
    public long workBytes() {
        return (long) workUnits * UNIT;
    }

    /**
     * Room for what is let go of again soon. Waits until others have finished theirs, so nobody asks for more while it has some.
     *
     * @return null where it is more than there is in all
     */
    public @Nullable Work work(long bytes) {
        long units = (bytes + UNIT - 1) / UNIT;
        if (units > workUnits) {
            return null;
        }
        work.acquireUninterruptibly((int) units);
        return new Work((int) units);
    }

    private synchronized boolean take(long had, long more) {
        if (more > available(had)) {
            return false;
        }
        used += more;
        return true;
    }

    private synchronized long available(long had) {
        return Math.max(0, (keptBytes - used + had) / MOST_OF_FREE - had);
    }

    private synchronized void giveBack(long bytes) {
        used -= bytes;
    }

    /** What one file or one process has. One thread at a time. */
    public final class Kept implements AutoCloseable {
        private long bytes;

        private Kept() {}

        /** Takes more; false where that is not to be had. */
        public boolean grow(long more) {
            boolean taken = take(bytes, more);
            bytes += taken ? more : 0;
            return taken;
        }

        /** Bytes that it could grow by now, unless others take some meanwhile. */
        public long available() {
            return Budget.this.available(bytes);
        }

        public void shrink(long less) {
            giveBack(less);
            bytes -= less;
        }

        /** What it is a part of. */
        public Budget budget() {
            return Budget.this;
        }

        /** Gives all back; it can be used again. */
        @Override
        public void close() {
            shrink(bytes);
        }
    }

    /** Room for one piece of work. */
    public final class Work implements AutoCloseable {
        private int units;

        private Work(int units) {
            this.units = units;
        }

        public long bytes() {
            return (long) units * UNIT;
        }

        @Override
        public void close() {
            work.release(units);
            units = 0;
        }
    }
}
