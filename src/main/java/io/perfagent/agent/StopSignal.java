package io.perfagent.agent;

import io.perfagent.linux.Signals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, SIGTERM and what else would end a process ({@link Signals}) as a wish to end, not an order to die: the run ends early,
 * switches off what it switched on and writes what it has; then the program exits with the run's own status.
 */
public final class StopSignal {
    private static final int INTERRUPTED = 130; // as shells have it: 128 and SIGINT

    private final CountDownLatch requested = new CountDownLatch(1);
    private volatile boolean nothingToUndo; // set by main, read by the thread of the signal

    private StopSignal() {}

    /** A stop signal that the process's signals trigger. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        Signals.onWishToEnd(stop::request);
        return stop;
    }

    /** A stop signal that only {@link #request} triggers. */
    public static StopSignal manual() {
        return new StopSignal();
    }

    /** What is done from now on changes nothing: the signal ends the program on the spot. */
    public void nothingToUndo() {
        nothingToUndo = true;
    }

    public void request() {
        if (nothingToUndo) {
            Runtime.getRuntime().halt(INTERRUPTED);
        }
        requested.countDown();
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
}
