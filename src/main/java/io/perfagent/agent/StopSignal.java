package io.perfagent.agent;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as a wish to end, not an order to die: the run ends early, switches off what it switched on and writes what
 * it has; then the program exits with the run's own status.
 *
 * <pre>
 *   signal ─→ JVM starts its shutdown ─→ our hook: request, wait for the run ─→ halt(status of the run)
 * </pre>
 */
public final class StopSignal {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int status;

    private StopSignal() {}

    /** A stop signal that the process's signals trigger. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::endByHook, "stop-signal"));
        return stop;
    }

    /** A stop signal that only {@link #request} triggers. */
    public static StopSignal manual() {
        return new StopSignal();
    }

    public void request() {
        requested.countDown();
    }

    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits for the signal, at most so long; true when it has come. */
    public boolean await(long nanos) {
        try {
            return requested.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** The run is over, with this exit status; everything it held has been released. */
    public void finished(int exitStatus) {
        status = exitStatus;
        finished.countDown();
    }

    /** The JVM's own way to end after a signal would exit with 128 + signal. */
    private void endByHook() {
        if (finished.getCount() == 0) {
            return;
        }
        request();
        try {
            finished.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(status);
    }
}
