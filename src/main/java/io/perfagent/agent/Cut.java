package io.perfagent.agent;

import io.perfagent.model.Event;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.WaitCounters;
import io.perfagent.profile.Interval;
import java.util.Map;

/**
 * An interval that has been cut off, and how far the run's counters were then.
 *
 * @param interval its samples
 * @param counters of the kernel side, by event
 * @param waits likewise, of time off the CPU
 * @param open waits that had not ended; none before the run does
 * @param rewalked of walks in user space
 * @param missed of processes
 * @param nanos CLOCK_MONOTONIC
 */
record Cut(
        Interval interval,
        Map<Event, SamplerCounters> counters,
        WaitCounters waits,
        OpenWaits open,
        RewalkCounters rewalked,
        Missed missed,
        long nanos) {
    /** Of a run that has not begun. */
    static final Cut NOTHING = new Cut(
            new Interval(0, false),
            Map.of(),
            WaitCounters.NONE,
            OpenWaits.NONE,
            RewalkCounters.NONE,
            Missed.NOTHING,
            0);

    SamplerCounters counters(Event event) {
        return counters.getOrDefault(event, SamplerCounters.NONE);
    }
}
