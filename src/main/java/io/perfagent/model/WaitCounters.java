package io.perfagent.model;

/**
 * What the kernel side has counted of time off the CPU, over all CPUs. What is not said to be recorded is of all there was of the targets.
 *
 * @param waits that have ended
 * @param blockedNanos of them, up to the moment in which somebody ended the wait
 * @param queuedNanos of them, ready to run
 * @param recorded waits that were chosen, those that came late included
 * @param late of these, those whose stack was not to be had any more
 * @param lateNanos which they would have stood for
 * @param untaken of the recorded, those of processes of which it was not known yet that they are targets
 * @param untakenNanos likewise
 * @param unseen waits whose end the kernel told nobody
 * @param unseenNanos of these
 * @param leftOut waits shorter than the shortest that was asked for
 * @param leftOutNanos of these
 * @param withoutRoom times that a task left its CPU, or was off it at a cut, and others had all places for it
 * @param endsLost threads that have ended, and there was no room to say what they had spent
 * @param passedOver switches and wake-ups of whatever task that the kernel told nobody of, for it was telling of another on that CPU
 * @param highestThreshold nanoseconds: so much a short wait stood for at most; 0 where it was never more than was asked for
 */
public record WaitCounters(
        long waits,
        long blockedNanos,
        long queuedNanos,
        long recorded,
        long late,
        long lateNanos,
        long untaken,
        long untakenNanos,
        long unseen,
        long unseenNanos,
        long leftOut,
        long leftOutNanos,
        long withoutRoom,
        long endsLost,
        long passedOver,
        long highestThreshold) {
    public static final WaitCounters NONE = new WaitCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** What was counted since an earlier state. */
    public WaitCounters since(WaitCounters before) {
        return new WaitCounters(
                waits - before.waits,
                blockedNanos - before.blockedNanos,
                queuedNanos - before.queuedNanos,
                recorded - before.recorded,
                late - before.late,
                lateNanos - before.lateNanos,
                untaken - before.untaken,
                untakenNanos - before.untakenNanos,
                unseen - before.unseen,
                unseenNanos - before.unseenNanos,
                leftOut - before.leftOut,
                leftOutNanos - before.leftOutNanos,
                withoutRoom - before.withoutRoom,
                endsLost - before.endsLost,
                passedOver - before.passedOver,
                highestThreshold);
    }

    /** With what was counted elsewhere, or in another stretch. */
    public WaitCounters plus(WaitCounters other) {
        return new WaitCounters(
                waits + other.waits,
                blockedNanos + other.blockedNanos,
                queuedNanos + other.queuedNanos,
                recorded + other.recorded,
                late + other.late,
                lateNanos + other.lateNanos,
                untaken + other.untaken,
                untakenNanos + other.untakenNanos,
                unseen + other.unseen,
                unseenNanos + other.unseenNanos,
                leftOut + other.leftOut,
                leftOutNanos + other.leftOutNanos,
                withoutRoom + other.withoutRoom,
                endsLost + other.endsLost,
                passedOver + other.passedOver,
                Math.max(highestThreshold, other.highestThreshold));
    }

    /** With what the kernel itself has counted. */
    public WaitCounters withPassedOver(long count) {
        return plus(new WaitCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count, 0));
    }

    /** Nanoseconds off the CPU, of all waits. */
    public long nanos() {
        return blockedNanos + queuedNanos;
    }
}
