package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.CountRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.report.Log;
import io.perfagent.report.Seconds;
import io.perfagent.report.StatusLine;
import java.io.PrintStream;
import java.time.Duration;

/** A run that only counts what the scheduler does with its targets, and takes no samples. */
public final class CountingSession {
    private final ProfileRequest request;
    private final CountRequest wanted;
    private final StopSignal stop;
    private final PrintStream out;
    private final Log log;

    /**
     * A run that has not begun.
     *
     * @param request targets and duration, checked by {@link Preconditions#checkCounting}
     * @param stop ends it early
     * @param out standard output
     * @param log takes its lines
     */
    public CountingSession(ProfileRequest request, CountRequest wanted, StopSignal stop, PrintStream out, Log log) {
        this.request = request;
        this.wanted = wanted;
        this.stop = stop;
        this.out = out;
        this.log = log;
    }

    /** One that takes a profile as well. */
    public static SessionResult profile(
            ProfileRequest request, CountRequest wanted, StopSignal stop, PrintStream out, Log log)
            throws CannotStartException {
        return new ProfilingSession(
                        request,
                        stop,
                        log,
                        (asked, targets, to) -> new CountedSeries(
                                new FileSeries(asked, targets, to),
                                new Counting(asked, wanted, true, targets, out, to)))
                .run();
    }

    /** Counts until the time is over, the targets have ended or somebody has seen enough; then writes the table. */
    public void run() throws CannotStartException {
        Targets targets = Targets.of(request, log);
        try (Counting counting = new Counting(request, wanted, false, targets, out, log)) {
            counting.prepare();
            counting.begin();
            log.line("counting what the scheduler does with " + targets.described(request) + " for "
                    + Seconds.of(request.duration()) + "; Ctrl-C ends it early and shows what there is");
            await(counting);
            counting.end();
            counting.write();
        }
    }

    private void await(Counting counting) throws CannotStartException {
        long began = System.nanoTime();
        Cadence cadence = Cadence.of(request, began);
        try (StatusLine status = new StatusLine(log)) {
            while (!cadence.isOver(System.nanoTime())
                    && !stop.await(cadence.nextLook(System.nanoTime()))
                    && counting.anyRunning()) {
                status.update(Duration.ofNanos(System.nanoTime() - began), request.duration());
            }
        }
    }
}
