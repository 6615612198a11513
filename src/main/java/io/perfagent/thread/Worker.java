package io.perfagent.thread;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread of the program: named, from the platform, and a daemon, so that the program can end without it. Whatever ends it before its
 * work is done is kept until its owner asks: a thread that has failed must not look like one that had nothing to do.
 *
 * <pre>
 *   start ──→ work ──┬─ done ───────→ join, check: nothing
 *                    └─ has thrown ─→ join, check: throws, with the cause
 * </pre>
 */
public final class Worker {
    /** What a thread does from its start to its end. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    private final String task;
    private final Thread thread;
    /** Written by the thread itself, before it ends. */
    private volatile @Nullable Throwable failure;

    /**
     * A thread that has not been started.
     *
     * @param name of the thread, 15 characters of which the kernel shows
     * @param task what is lost with it, as in "reading samples"
     */
    public Worker(String name, String task, Work work) {
        this.task = task;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> run(work));
    }

    public void start() {
        thread.start();
    }

    /** Ends a {@link LockSupport#parkNanos} of it, or the next one. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Returns when it has ended, at once where it was never started. */
    public void join() {
        boolean _ = join(0);
    }

    /**
     * Returns when it has ended, or after so long. An interrupt waits: what the thread uses may be freed once this has returned.
     *
     * @param millis 0 for any time
     * @return whether it has ended
     */
    public boolean join(long millis) {
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

    /** Whether it was started and has done its work. */
    public boolean isDone() {
        return thread.getState() == Thread.State.TERMINATED && failure == null;
    }

    /** Its failure is one of the run: throws where it has failed. */
    public void check() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(task + " failed", cause);
        }
    }

    private void run(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            failure = e; // an Error as well, and an interrupt, which nobody sends
        }
    }
}
