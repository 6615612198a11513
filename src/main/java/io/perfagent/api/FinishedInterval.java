package io.perfagent.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * What was sampled in a stretch of time. Intervals of a run follow each other without a gap.
 *
 * @param start its first moment, by the wall clock
 * @param duration how long it is
 * @param profiles of each event that was asked for one: on-cpu first, then off-cpu; or wall
 * @param missed what was missed of processes and what runs in them, counts by cause; causes that are 0 are there
 * @param last whether the run has ended with it
 */
public record FinishedInterval(
        Instant start, Duration duration, List<EventProfile> profiles, Map<String, Long> missed, boolean last) {
    /** The profile of an event, {@code on-cpu}, {@code off-cpu} or {@code wall}. */
    public EventProfile profile(String event) {
        return profiles.stream()
                .filter(profile -> profile.event().equals(event))
                .findAny()
                .orElseThrow(() -> new NoSuchElementException("no profile of " + event + " was asked for"));
    }
}
