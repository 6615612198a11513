package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.report.Log;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A run that is looked at while it goes on, until its targets have ended or somebody has seen enough. */
public final class TopSession {
    private TopSession() {}

    /**
     * Runs it.
     *
     * @param request with a length for its intervals, and the format that a page is written in
     * @param stop ends it
     * @param err takes lines, but for the time in which the terminal shows the view
     */
    public static void run(ProfileRequest request, StopSignal stop, PrintStream err) throws CannotStartException {
        HeldLines lines = new HeldLines(err);
        Log log = new Log(new PrintStream(lines, true, StandardCharsets.UTF_8));
        SessionResult _ = new ProfilingSession(
                        request, stop, log, (asked, targets, to) -> new LiveView(asked, targets, to, lines, stop))
                .run();
    }
}
