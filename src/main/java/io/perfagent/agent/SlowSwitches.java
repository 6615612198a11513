package io.perfagent.agent;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out operations on processes one after the other, so that none disturbs another's stops. One that takes long, for its target
 * computes in C, goes on beside the next: many of them take no longer than the longest. For use from one thread.
 */
final class SlowSwitches {
    private static final long PATIENCE_MILLIS = 250;
    private static final int MOST = 16;

    private final List<Thread> slow = new ArrayList<>();
    private volatile @Nullable Throwable failure;

    /** Returns when it is done, or takes long. */
    void run(Runnable operation) {
        Thread thread = Thread.ofPlatform().name("python-switch").daemon().start(() -> guarded(operation));
        if (!join(thread, PATIENCE_MILLIS)) {
            slow.removeIf(one -> !one.isAlive());
            slow.add(thread);
        }
        if (slow.size() >= MOST) {
            await();
        }
    }

    /** Returns when all are done. A fault in one of them is one of the run. */
    void await() {
        slow.forEach(thread -> join(thread, 0));
        slow.clear();
        if (failure != null) {
            throw new IllegalStateException("switching a trampoline failed", failure);
        }
    }

    private void guarded(Runnable operation) {
        try {
            operation.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** An interrupt waits: half an operation is worse than a late one. */
    private static boolean join(Thread thread, long millis) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join(millis);
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
