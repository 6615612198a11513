package io.perfagent.python.inject;

import java.time.Duration;
import java.util.Arrays;

/** Says when threads may be stopped and how long is waited for that, and collects the length of every stop, in nanoseconds. */
public final class StopClock {
    /** For a safe moment, and for the answer of a thread that was sent on its way. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Duration patience;
    private long[] nanos = new long[64];
    private int count;
    private volatile Runnable calm = () -> {};

    public StopClock() {
        this(PATIENCE);
    }

    /** Of another patience, in seconds. */
    public StopClock(Duration patience) {
        this.patience = patience;
    }

    long patienceNanos() {
        return patience.toNanos();
    }

    /** As in {@code 5 s}. */
    String patience() {
        return patience.toSeconds() + " s";
    }

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
