package io.perfagent.python.inject;

import java.util.function.LongSupplier;

/**
 * Room in this process's heap for all that the stops of one command allocate, some KiB: otherwise a collection could fall into one.
 * Collections by others in between only make more room.
 */
final class HeapRoom {
    /** Far below the smallest young generation that perf-agent runs with, 6 MiB. */
    static final long USED_AT_MOST = 1 << 20;

    private final LongSupplier used;
    private final Runnable collection;
    private long usedAtLast;

    HeapRoom() {
        this(HeapRoom::usedNow, System::gc);
    }

    HeapRoom(LongSupplier used, Runnable collection) {
        this.used = used;
        this.collection = collection;
    }

    /** Collects now what would have to be collected soon. */
    synchronized void make() {
        if (used.getAsLong() - usedAtLast > USED_AT_MOST) {
            collection.run();
            usedAtLast = used.getAsLong();
        }
    }

    private static long usedNow() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
