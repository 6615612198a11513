package io.perfagent.python.inject;

import java.util.Arrays;

/** Collects the length of every stop, in nanoseconds. */
public final class StopClock {
    private long[] nanos = new long[64];
    private int count;

    synchronized void add(long stopped) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = stopped;
    }

    /** In ascending order. */
    public synchronized long[] sorted() {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
