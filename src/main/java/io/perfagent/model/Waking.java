package io.perfagent.model;

import org.jspecify.annotations.Nullable;

/**
 * What ended a wait, or the sample of a thread that ended waits of others.
 *
 * @param number of the waking; 0 where it was not asked for
 * @param by the waker's own sample, once it has been found; null before, and where it is none
 * @param process number of the waker's image; 0 where it is no target
 */
public record Waking(long number, @Nullable Sample by, int process) {
    public static final Waking NONE = new Waking(0, null, 0);

    /** {@code WAKING_BY_IDLE}: an interrupt. */
    public static final long BY_IDLE = 1;

    /** {@code WAKING_MISSED}. */
    public static final long MISSED = 2;

    /** The wait goes on: nobody has ended it. {@code WAKING_NOT_YET}. */
    public static final long NOT_YET = 3;

    /** Whether there is a sample of the waker. */
    public boolean isNumbered() {
        return number > NOT_YET || number < 0;
    }

    /** As far as it is known before any frame has a name. */
    public Waker.Kind kind() {
        if (by != null) {
            return Waker.Kind.THREAD;
        }
        if (number == NOT_YET) {
            return Waker.Kind.NOBODY;
        }
        return number == BY_IDLE ? Waker.Kind.INTERRUPT : Waker.Kind.UNKNOWN;
    }
}
