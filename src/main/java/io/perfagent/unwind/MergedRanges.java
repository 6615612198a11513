package io.perfagent.unwind;

/** Goes through the ranges of two accounts of a file's code in the order of their addresses. */
final class MergedRanges {
    private static final long NOWHERE = Long.MAX_VALUE;

    private final CodeRanges first;
    private final CodeRanges second;
    private int nextFirst;
    private int nextSecond;
    /** Where the next of each begins, {@link #NOWHERE} where there is none. */
    private long firstStart;

    private long secondStart;
    private CodeRanges current;
    private int index;

    MergedRanges(CodeRanges first, CodeRanges second) {
        this.first = first;
        this.second = second;
        this.current = first;
        this.firstStart = start(first, 0);
        this.secondStart = start(second, 0);
    }

    /** Goes to the next range; false where there is none. */
    boolean next() {
        if (nextStart() == NOWHERE) {
            return false;
        }
        if (firstStart <= secondStart) {
            current = first;
            index = nextFirst++;
            firstStart = start(first, nextFirst);
        } else {
            current = second;
            index = nextSecond++;
            secondStart = start(second, nextSecond);
        }
        return true;
    }

    CodeRanges current() {
        return current;
    }

    /** Of the range in {@link #current}. */
    int index() {
        return index;
    }

    long start() {
        return current.start(index);
    }

    /** Where the range ends, exclusive; one that begins before that has precedence. */
    long end() {
        return Math.min(current.end(index), nextStart());
    }

    /** Where the next range begins, {@link Long#MAX_VALUE} where there is none. */
    long nextStart() {
        return Math.min(firstStart, secondStart);
    }

    private static long start(CodeRanges ranges, int index) {
        return index < ranges.count() ? ranges.start(index) : NOWHERE;
    }
}
