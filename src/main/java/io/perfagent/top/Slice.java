package io.perfagent.top;

import io.perfagent.model.Profile;
import io.perfagent.report.RunFacts;

/**
 * An interval that is shown.
 *
 * @param facts what is known of it
 */
public record Slice(Profile profile, RunFacts facts) {
    /** About how much memory it holds, in frames. */
    long size() {
        return profile.stacks().stream()
                .mapToLong(stack -> stack.locations().size() + STACK)
                .sum();
    }

    /** What a stack takes beside its frames. */
    private static final int STACK = 20;
}
