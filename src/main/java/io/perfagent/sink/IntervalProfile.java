package io.perfagent.sink;

import io.perfagent.model.Profile;
import java.util.List;

/**
 * An interval of a run that goes on.
 *
 * @param profiles of what was sampled in it, of each event one; their stacks are shared, and nobody changes them
 */
public record IntervalProfile(List<Labelled> profiles) {
    /**
     * The profile of an event.
     *
     * @param label of the event, as names of files have it: {@code on-cpu}
     */
    public record Labelled(String label, Profile profile) {}

    /** How many stacks there are to be kept. */
    int stacks() {
        return profiles.stream()
                .mapToInt(labelled -> labelled.profile().stacks().size())
                .sum();
    }
}
