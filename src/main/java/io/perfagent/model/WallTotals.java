package io.perfagent.model;

/**
 * How the wall clock of threads divides in an interval: counted, not estimated.
 *
 * @param threads in it, those that began or ended meanwhile included
 * @param times of them all
 * @param leftOut threads that ran for less than was asked for
 * @param leftOutNanos of these
 * @param stackless nanoseconds in it that no sample has a stack for
 * @param unseen threads whose time is not known: they have ended, and there was no room for it
 */
public record WallTotals(
        long threads, ThreadTimes times, long leftOut, long leftOutNanos, long stackless, long unseen) {
    public static final WallTotals NONE = new WallTotals(0, ThreadTimes.NONE, 0, 0, 0, 0);

    /** With another interval's; a thread of both counts once in each. */
    public WallTotals plus(WallTotals other) {
        return new WallTotals(
                Math.max(threads, other.threads),
                times.plus(other.times),
                Math.max(leftOut, other.leftOut),
                leftOutNanos + other.leftOutNanos,
                stackless + other.stackless,
                unseen + other.unseen);
    }
}
