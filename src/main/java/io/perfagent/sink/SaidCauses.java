package io.perfagent.sink;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which of the things that go wrong are said: each cause once in a while, however often it comes and goes and whatever words it comes with,
 * so that a log of months stays readable. How often it came, figures tell. For one thread.
 */
public final class SaidCauses {
    /** Long enough that a cause that comes with each interval is a line among many, and short enough that who looks finds it. */
    private static final long PAUSE_NANOS = Duration.ofMinutes(10).toNanos();

    private static final int MOST = 100;

    private final Map<String, Long> said = new HashMap<>();

    /**
     * Whether it is to be said now; then it counts as said.
     *
     * @param cause a few fixed words, none of a message
     * @param now System.nanoTime
     */
    public boolean isDue(String cause, long now) {
        Long before = said.get(cause);
        if (before != null && now - before < PAUSE_NANOS) {
            return false;
        }
        if (said.size() >= MOST) {
            said.values().removeIf(then -> now - then >= PAUSE_NANOS);
        }
        if (said.size() >= MOST) {
            return false;
        }
        said.put(cause, now);
        return true;
    }
}
