package io.perfagent.profile;

import java.util.Arrays;

/**
 * When each sample was taken, where that is asked for: a list for each stack, which leads from its last sample back to its first.
 *
 * <pre>
 *   stack ─▶ last ─▶ the one before ─▶ … ─▶ 0
 * </pre>
 *
 * One thread at a time.
 */
final class SampleTimes {
    /** Of a sample, while it is counted and in the list that comes of it. */
    static final int WORDS = 4;

    private long[] nanos = new long[1 << 10];
    private int[] before = new int[1 << 10];
    private int last;

    /** Adds a sample to the list that ends with another, 0 for none; returns its number. */
    int add(long timeNanos, int end) {
        if (++last == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * last);
            before = Arrays.copyOf(before, 2 * last);
        }
        nanos[last] = timeNanos;
        before[last] = end;
        return last;
    }

    /** The times of a list, the first sample's first. */
    long[] of(int end) {
        int length = 0;
        for (int at = end; at != 0; at = before[at]) {
            length++;
        }
        long[] times = new long[length];
        for (int at = end; at != 0; at = before[at]) {
            times[--length] = nanos[at];
        }
        return times;
    }
}
