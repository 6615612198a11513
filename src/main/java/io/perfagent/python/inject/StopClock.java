package io.perfagent.python.inject;

import java.util.Arrays;

/** Says when threads may be stopped, and collects the length of every stop, in nanoseconds. */
public final class StopClock {
    private long[] nanos = new long[64];
    private int count;
    private volatile Runnable calm = () -> {};

    /** Before the first stop of each command, {@code calm} waits for what may fill the heap meanwhile: a collection would prolong the stop. */
    public void stopOnlyAfter(Runnable calm) {
        this.calm = calm;
    }

    void awaitCalm() {
        calm.run();
        HeapRoom.OF_PROCESS.beforeCommand();
    }

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
