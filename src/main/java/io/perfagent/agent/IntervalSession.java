package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.report.Log;

/** A run whose intervals are handed over as they end, and end within half a second when somebody asks for one. */
public final class IntervalSession {
    private final ProfileRequest request;
    private final StopSignal stop;
    private final Log log;
    private final boolean files;

    /**
     * A run that has not begun.
     *
     * @param stop ends it
     * @param log takes its lines
     * @param files whether intervals are written where the request says as well, and the run tells of itself as a command does
     */
    public IntervalSession(ProfileRequest request, StopSignal stop, Log log, boolean files) {
        this.request = request;
        this.stop = stop;
        this.log = log;
        this.files = files;
    }

    /** Finds out whether it can be, and returns when it has ended. */
    public void run(IntervalTaker taker) throws CannotStartException {
        Preconditions.check(request);
        SessionResult _ =
                new ProfilingSession(request, stop, log, (asked, targets, to) -> series(targets, taker)).run();
    }

    private Recipient series(Targets targets, IntervalTaker taker) {
        Recipient other = files ? new FileSeries(request, targets, log) : new UnseenSeries(request, log);
        return new HandedSeries(request, other, taker);
    }
}
