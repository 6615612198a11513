package io.perfagent.python.inject;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/**
 * Room in this process's heap for what stops allocate, about a kilobyte each: otherwise a collection could fall into one, and hold a
 * target up for milliseconds. Collections that are made here wait for the stops of all threads, and stops wait for them. Those that other
 * allocations bring only make more room, but may fall into a stop.
 */
final class HeapRoom {
    /** Of all stops in this process. */
    static final HeapRoom OF_PROCESS = new HeapRoom(HeapRoom::usedNow, HeapRoom::collectYoung);

    /** Before a command, which makes many stops: far below the smallest young generation that perf-agent runs with, 6 MiB. */
    static final long USED_BEFORE_COMMAND = 1 << 20;

    /** Before each of its stops: four fifths of a young generation can be filled. */
    static final long USED_BEFORE_STOP = 3 << 20;

    /** Twice the largest young generation that is filled to have it collected. */
    private static final long MOST_FILLED = 64 << 20;

    private static final int FILLING = 64 << 10;

    /** What was allocated last to no end, lest a compiler leaves it out. */
    private static volatile byte[] filling = {};

    private final ReentrantReadWriteLock stops = new ReentrantReadWriteLock();
    private final LongSupplier used;
    private final Runnable collection;
    private volatile long usedAtLast;

    HeapRoom(LongSupplier used, Runnable collection) {
        this.used = used;
        this.collection = collection;
    }

    /** Collects now what would have to be collected soon. Not amid a stop of this thread. */
    void beforeCommand() {
        make(USED_BEFORE_COMMAND);
    }

    /** To be followed by {@link #endStop} on the same thread. */
    void beginStop() {
        make(USED_BEFORE_STOP);
        stops.readLock().lock();
    }

    void endStop() {
        stops.readLock().unlock();
    }

    private void make(long allowed) {
        if (hasRoom(allowed)) {
            return;
        }
        stops.writeLock().lock();
        try {
            if (!hasRoom(allowed)) { // another thread may have collected meanwhile
                collection.run();
                usedAtLast = used.getAsLong();
            }
        } finally {
            stops.writeLock().unlock();
        }
    }

    private boolean hasRoom(long allowed) {
        return used.getAsLong() - usedAtLast <= allowed;
    }

    /** A collection of the young generation alone takes a twentieth of the time of a full one, and comes when it is filled. */
    static void collectYoung() {
        long before = usedNow();
        for (long filled = 0; filled < MOST_FILLED; filled += filling.length) {
            filling = new byte[FILLING];
            long now = usedNow();
            if (now < before) {
                return;
            }
            before = now;
        }
        System.gc();
    }

    private static long usedNow() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
