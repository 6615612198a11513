package io.perfagent.walker;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * Words of the slabs that were given back. A walk that had begun may still read what it had found there, so they are used again only
 * some time later.
 */
final class FreeWords {
    /** No walk lasts so long. */
    private static final long REST_NANOS = 1_000_000_000;

    private final Queue<Resting> resting = new ArrayDeque<>();
    /** First word of each free range to its length; no two ranges touch. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    private record Resting(long start, long words, long sinceNanos) {}

    void add(long start, long words, long nowNanos) {
        resting.add(new Resting(start, words, nowNanos));
    }

    /**
     * Takes words from the first range that has room.
     *
     * @param least words that it takes from any position on: shorter ranges are not asked about, for {@code wordsAt} may take long
     * @param wordsAt how many words it takes from a position on
     * @param align moves a position up to where it may begin
     * @return the position, −1 where there is no room
     */
    long take(LongUnaryOperator align, long least, LongUnaryOperator wordsAt, long nowNanos) {
        release(nowNanos);
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            long start = align.applyAsLong(range.getKey());
            long end = range.getKey() + range.getValue();
            long words = end - start >= least ? wordsAt.applyAsLong(start) : Long.MAX_VALUE;
            if (words <= end - start) {
                cut(range.getKey(), end, start, start + words);
                return start;
            }
        }
        return -1;
    }

    private void cut(long rangeStart, long rangeEnd, long start, long end) {
        ranges.remove(rangeStart);
        if (start > rangeStart) {
            ranges.put(rangeStart, start - rangeStart);
        }
        if (end < rangeEnd) {
            ranges.put(end, rangeEnd - end);
        }
    }

    private void release(long nowNanos) {
        for (Resting first = resting.peek();
                first != null && nowNanos - first.sinceNanos >= REST_NANOS;
                first = resting.peek()) {
            resting.remove();
            join(first.start, first.words);
        }
    }

    private void join(long start, long words) {
        Map.Entry<Long, Long> before = ranges.floorEntry(start);
        boolean touches = before != null && before.getKey() + before.getValue() == start;
        long first = touches ? before.getKey() : start;
        Long behind = ranges.remove(start + words);
        ranges.put(first, start + words - first + (behind == null ? 0 : behind));
    }
}
