package io.perfagent.model;

/**
 * Lines of perf maps that name nothing.
 *
 * @param damaged no entries at all
 * @param empty entries of code of size 0: qemu and others write them
 * @param beyondLimit entries that a map has more than are read
 * @param bytesBeyondLimit the beginning of maps that are larger than is read
 */
public record LinesLeftOut(long damaged, long empty, long beyondLimit, long bytesBeyondLimit) {
    public static final LinesLeftOut NONE = new LinesLeftOut(0, 0, 0, 0);

    public LinesLeftOut plus(LinesLeftOut other) {
        return new LinesLeftOut(
                damaged + other.damaged,
                empty + other.empty,
                beyondLimit + other.beyondLimit,
                bytesBeyondLimit + other.bytesBeyondLimit);
    }

    public long sum() {
        return damaged + empty + beyondLimit;
    }
}
