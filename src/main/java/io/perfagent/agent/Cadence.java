package io.perfagent.agent;

import io.perfagent.model.ProfileRequest;
import java.util.concurrent.TimeUnit;

/** When a run looks at itself, cuts an interval off and ends; CLOCK_MONOTONIC. For one thread. */
final class Cadence {
    /** There is little to learn and to show between two looks. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long end;
    private final long every;
    private long nextCut;

    private Cadence(long began, long duration, long every) {
        this.end = began + duration;
        this.every = every;
        this.nextCut = began + every;
    }

    static Cadence of(ProfileRequest request, long began) {
        long duration = request.duration().toNanos();
        long every = request.every() == null ? duration : request.every().toNanos();
        return new Cadence(began, duration, every);
    }

    boolean isOver(long now) {
        return now >= end;
    }

    /** Nanoseconds from now. */
    long nextLook(long now) {
        return Math.max(1, Math.min(Math.min(end, nextCut) - now, LOOK_NANOS));
    }

    /** Whether an interval has passed, before the last: what is left of the run is cut off at its end. One that took too long is left out. */
    boolean isTimeToCut(long now) {
        if (now < nextCut || now >= end) {
            return false;
        }
        nextCut += Math.max(1, (now - nextCut) / every + 1) * every;
        return true;
    }
}
