package io.perfagent.report;

import io.perfagent.linux.StandardStream;
import java.time.Duration;
import java.util.Locale;

/** While a run goes on, one line on the terminal, rewritten in place; nothing where stderr is no terminal. */
public final class StatusLine implements AutoCloseable {
    private final Log log;
    private final boolean terminal;

    public StatusLine(Log log) {
        this(log, StandardStream.ERROR.isTerminal());
    }

    StatusLine(Log log, boolean terminal) {
        this.log = log;
        this.terminal = terminal;
    }

    /**
     * Shows where the run is.
     *
     * @param elapsed since sampling began
     * @param total how long it is to last
     * @param samples taken so far
     * @param complete those of them whose user stack reaches the thread's first frame
     */
    public void update(Duration elapsed, Duration total, long samples, long complete) {
        if (terminal) {
            log.status(text(elapsed, total, samples, complete));
        }
    }

    /** The same where no samples are taken. */
    public void update(Duration elapsed, Duration total) {
        if (terminal) {
            log.status(seconds(elapsed) + " of " + seconds(total));
        }
    }

    static String text(Duration elapsed, Duration total, long samples, long complete) {
        String share = samples == 0 ? "" : String.format(Locale.ROOT, ", %.2f %% complete", share(samples, complete));
        return String.format(Locale.ROOT, "%s of %s: %d samples%s", seconds(elapsed), seconds(total), samples, share);
    }

    /** Rounded down: 100 % means all of them. */
    private static double share(long samples, long complete) {
        return Math.floor(10_000.0 * complete / samples) / 100;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    @Override
    public void close() {
        log.eraseStatus();
    }
}
