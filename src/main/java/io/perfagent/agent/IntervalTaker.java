package io.perfagent.agent;

import java.util.List;
import java.util.Map;

/** Who an {@link IntervalSession} is for; on its thread. */
public interface IntervalTaker {
    /** Samples come in from now on. */
    void began();

    /** Whether somebody waits for an interval, which ends now then; is asked once for each that comes of it. */
    boolean wantsInterval();

    /**
     * An interval is finished.
     *
     * @param profiles of each event one, in the order in which they were asked for
     * @param missed what was missed of processes, by cause
     * @param last whether the run has ended with it
     */
    void finished(List<FinishedProfile> profiles, Map<String, Long> missed, boolean last);
}
