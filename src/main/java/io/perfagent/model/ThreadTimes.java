package io.perfagent.model;

/**
 * What a thread has spent a stretch of time with, all nanoseconds.
 *
 * @param running on a CPU
 * @param blocked off it, until somebody ended the wait
 * @param queued off it, ready to run
 * @param sureBlocked of these, waits that were recorded as they were, not by chance
 * @param sureQueued likewise
 */
public record ThreadTimes(long running, long blocked, long queued, long sureBlocked, long sureQueued) {
    public static final ThreadTimes NONE = new ThreadTimes(0, 0, 0, 0, 0);

    /** What has come since an earlier moment. */
    public ThreadTimes since(ThreadTimes before) {
        return new ThreadTimes(
                running - before.running,
                blocked - before.blocked,
                queued - before.queued,
                sureBlocked - before.sureBlocked,
                sureQueued - before.sureQueued);
    }

    /** With those of another stretch, or another thread. */
    public ThreadTimes plus(ThreadTimes other) {
        return since(NONE.since(other));
    }

    /** All of it. */
    public long nanos() {
        return running + blocked + queued;
    }
}
