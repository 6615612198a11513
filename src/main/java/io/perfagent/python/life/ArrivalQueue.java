package io.perfagent.python.life;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Processes that may run an interpreter, each to be looked at once it has lived for a while: most that begin have ended by then, and
 * cost nothing. Bounded; safe for use by several threads.
 */
final class ArrivalQueue {
    static final int CAPACITY = 4096;
    /** A process is given so long to come up, or to end. */
    static final long YOUNG_NANOS = 500_000_000;

    static final long FIRST_PAUSE_NANOS = 100_000_000;
    static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    private final Map<Integer, Arrival> waiting = new HashMap<>();
    private final TreeSet<Arrival> order =
            new TreeSet<>(Comparator.comparingLong(Arrival::dueNanos).thenComparingInt(Arrival::pid));
    private boolean closed;

    /**
     * One that waits.
     *
     * @param python whether it has mapped a file with a name of CPython's
     * @param dueNanos when to look, CLOCK_MONOTONIC
     * @param pauseNanos between the last look and this one, 0 before the first
     */
    record Arrival(int pid, boolean python, long dueNanos, long pauseNanos) {}

    /** Adds a process, unless it waits already; false where there is no room. */
    synchronized boolean offer(int pid, boolean python, long nowNanos) {
        Arrival known = waiting.get(pid);
        if (known == null) {
            return add(new Arrival(pid, python, nowNanos + YOUNG_NANOS, 0));
        }
        if (python && !known.python) {
            remove(pid);
            return add(new Arrival(pid, true, known.dueNanos, known.pauseNanos));
        }
        return true;
    }

    /** Adds one again that had been taken, for a later look: each pause is twice the last. False where there is no room. */
    synchronized boolean retry(Arrival arrival, long nowNanos) {
        long pause = Math.clamp(2 * arrival.pauseNanos, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
        return waiting.containsKey(arrival.pid)
                || add(new Arrival(arrival.pid, arrival.python, nowNanos + pause, pause));
    }

    synchronized boolean waits(int pid) {
        return waiting.containsKey(pid);
    }

    /** Takes a process out, whenever it was due; null where it did not wait. */
    synchronized @Nullable Arrival remove(int pid) {
        Arrival known = waiting.remove(pid);
        if (known != null) {
            order.remove(known);
        }
        return known;
    }

    /** Takes out the one that is longest due; null where none is. */
    synchronized @Nullable Arrival poll(long nowNanos) {
        return order.isEmpty() || order.first().dueNanos > nowNanos ? null : remove(order.first().pid);
    }

    /** Waits until one is due, and takes it out; null after so long, and once the queue is closed. */
    synchronized @Nullable Arrival take(long waitNanos) throws InterruptedException {
        long end = System.nanoTime() + waitNanos;
        Arrival due = poll(System.nanoTime());
        for (long now = System.nanoTime(); due == null && !closed && now < end; now = System.nanoTime()) {
            long until = order.isEmpty() ? end : Math.min(end, order.first().dueNanos);
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, until - now));
            due = poll(System.nanoTime());
        }
        return due;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Those that wait and are known to be of CPython. */
    synchronized int pythons() {
        return (int) waiting.values().stream().filter(Arrival::python).count();
    }

    private boolean add(Arrival arrival) {
        if (waiting.size() >= CAPACITY) {
            return false;
        }
        waiting.put(arrival.pid, arrival);
        order.add(arrival);
        notifyAll();
        return true;
    }
}
