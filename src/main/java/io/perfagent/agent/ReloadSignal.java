package io.perfagent.agent;

import io.perfagent.linux.Signals;
import java.util.concurrent.atomic.AtomicBoolean;

/** SIGHUP as a wish that settings are read again. */
public final class ReloadSignal {
    private final AtomicBoolean wanted = new AtomicBoolean();

    private ReloadSignal() {}

    /** One that the process's signal triggers. */
    public static ReloadSignal install() {
        ReloadSignal reload = new ReloadSignal();
        Signals.onHangup(reload::request);
        return reload;
    }

    /** One that only {@link #request} triggers. */
    public static ReloadSignal manual() {
        return new ReloadSignal();
    }

    public void request() {
        wanted.set(true);
    }

    /** Whether there was a wish since it was asked last. */
    boolean take() {
        return wanted.getAndSet(false);
    }
}
