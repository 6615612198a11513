package io.perfagent.top;

import java.time.Duration;

/** How far back the tables look. */
enum Span {
    TEN_SECONDS(Duration.ofSeconds(10)),
    MINUTE(Duration.ofMinutes(1)),
    /** Since the run began. */
    ALL(Duration.ofSeconds(Long.MAX_VALUE)),
    /** The last interval. */
    LAST(Duration.ZERO);

    private final Duration length;

    Span(Duration length) {
        this.length = length;
    }

    /** At least one interval, and as many as fit. */
    Duration length() {
        return length;
    }

    Span next() {
        return values()[(ordinal() + 1) % values().length];
    }
}
