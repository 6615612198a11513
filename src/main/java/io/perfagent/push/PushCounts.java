package io.perfagent.push;

import io.perfagent.push.queue.DiskQueue;

/**
 * What became of the profiles for one store, since the program began. A profile is one file or one message of the store's; an interval has one for
 * each process or service.
 *
 * @param sent which the store said that it took
 * @param refused which it said that it never will, or by which it failed again and again
 * @param unconfirmed whose answer was lost: they may be there or not, and were not sent again
 * @param dropped the oldest of those that waited, for want of room
 * @param corrupt whose file was damaged while they waited
 * @param unwritten which the disk did not take, or which an earlier program was writing down when it was killed
 */
public record PushCounts(long sent, long refused, long unconfirmed, long dropped, long corrupt, long unwritten) {
    static final PushCounts NONE = new PushCounts(0, 0, 0, 0, 0, 0);

    PushCounts plus(long moreSent, long moreRefused, long moreUnconfirmed) {
        return new PushCounts(
                sent + moreSent, refused + moreRefused, unconfirmed + moreUnconfirmed, dropped, corrupt, unwritten);
    }

    PushCounts with(DiskQueue.Counts queue) {
        return new PushCounts(
                sent, refused, unconfirmed + queue.unconfirmed(), queue.dropped(), queue.corrupt(), queue.unwritten());
    }

    /** Whether all that was to be sent and does not wait has been taken. */
    public boolean nothingLost() {
        return refused + unconfirmed + dropped + corrupt + unwritten == 0;
    }
}
