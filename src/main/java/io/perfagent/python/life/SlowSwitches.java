package io.perfagent.python.life;

import io.perfagent.thread.Worker;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries out operations on processes one after the other, so that none disturbs another's stops. One that takes long, for its target
 * computes in C, goes on beside the next: many of them take no longer than the longest. For use from one thread.
 */
final class SlowSwitches {
    private static final long PATIENCE_MILLIS = 250;
    private static final int MOST = 16;

    /** Those that take long, and those that have failed. */
    private final List<Worker> left = new ArrayList<>();

    /** Returns when it is done, or takes long, or has failed. */
    void run(Runnable operation) {
        Worker worker = new Worker("python-switch", "switching a trampoline", operation::run);
        worker.start();
        boolean _ = worker.join(PATIENCE_MILLIS);
        left.add(worker);
        left.removeIf(Worker::isDone);
        if (left.size() >= MOST) {
            await();
        }
    }

    /** Returns when all have ended. */
    void await() {
        left.forEach(Worker::join);
    }

    /** Throws where one has failed. */
    void check() {
        left.forEach(Worker::check);
    }
}
