package io.perfagent.push;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a store that fails is left alone: twice as long each time, half of it by chance, so that many agents do not come back at once.
 *
 * @param first after the first failure
 * @param longest after many
 */
public record Pauses(Duration first, Duration longest) {
    /** From a second to a minute. */
    public static final Pauses USUAL = new Pauses(Duration.ofSeconds(1), Duration.ofMinutes(1));

    private static final int MOST_DOUBLINGS = 20;

    /** @param wanted what the store asks for, zero for nothing */
    Duration after(int failures, Duration wanted) {
        long doubled = first.toNanos() << Math.min(MOST_DOUBLINGS, Math.max(0, failures - 1));
        long bound = Math.min(longest.toNanos(), doubled);
        Duration pause =
                Duration.ofNanos(bound / 2 + ThreadLocalRandom.current().nextLong(bound / 2 + 1));
        return wanted.compareTo(pause) > 0 ? wanted : pause;
    }
}
