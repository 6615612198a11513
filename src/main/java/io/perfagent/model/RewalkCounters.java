package io.perfagent.model;

/**
 * What walks in user space have come to, since the run began.
 *
 * @param walked samples that were walked on with
 * @param completed of them, those that have their whole stack now
 * @param frames frames that were found, those apart which the walks in the kernel had stopped at
 * @param guessed frames that were left by a guess
 */
public record RewalkCounters(long walked, long completed, long frames, long guessed) {
    public static final RewalkCounters NONE = new RewalkCounters(0, 0, 0, 0);

    /** With those of one walk more. */
    public RewalkCounters plus(boolean complete, long framesFound, long framesGuessed) {
        return new RewalkCounters(
                walked + 1, completed + (complete ? 1 : 0), frames + framesFound, guessed + framesGuessed);
    }

    /** With what has come in another stretch. */
    public RewalkCounters plus(RewalkCounters other) {
        return since(NONE.since(other));
    }

    /** What has come since an earlier state. */
    public RewalkCounters since(RewalkCounters before) {
        return new RewalkCounters(
                walked - before.walked, completed - before.completed, frames - before.frames, guessed - before.guessed);
    }
}
