package io.perfagent.top;

/** In how many samples something was the innermost, and in how many it was at all. */
final class Count {
    private long self;
    private long total;
    private long seenIn = -1;

    /** Counts it as part of a stack, once, however often it is in there. */
    void see(long stack, long samples) {
        if (seenIn != stack) {
            seenIn = stack;
            total += samples;
        }
    }

    void seeInnermost(long samples) {
        self += samples;
    }

    void add(Count other) {
        self += other.self;
        total += other.total;
    }

    long self() {
        return self;
    }

    long total() {
        return total;
    }
}
