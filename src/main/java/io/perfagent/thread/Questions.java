package io.perfagent.thread;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What threads want done by one that owns what it takes: that thread does it when it comes by, and never waits for them. Once it has
 * ended, who asks does it itself.
 */
public final class Questions {
    private static final long LOOK_MILLIS = 50;

    private final Queue<FutureTask<?>> open = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    /** The thread that is asked. */
    public interface Asked {
        /** Has it come by soon. */
        void wake();

        /** Throws where it has failed: it will not answer. */
        void check();
    }

    /** The answer, when there is one. */
    public <T> T ask(Supplier<T> question, Asked asked) {
        FutureTask<T> task = new FutureTask<>(question::get);
        open.add(task);
        asked.wake();
        while (true) {
            if (ended) {
                answer();
            }
            try {
                return task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                asked.check();
            } catch (ExecutionException e) {
                throw new IllegalStateException("what another thread was asked for failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while another thread was asked", e);
            }
        }
    }

    /** Does what is asked. For the thread that is asked, until it has ended. */
    public synchronized void answer() {
        for (FutureTask<?> next = open.poll(); next != null; next = open.poll()) {
            next.run();
        }
    }

    /** The thread that was asked has ended. */
    public void end() {
        ended = true;
    }
}
