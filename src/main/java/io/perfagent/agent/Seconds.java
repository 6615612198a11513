package io.perfagent.agent;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations for people: {@code 30 s}, {@code 0.5 s}. */
final class Seconds {
    private Seconds() {}

    static String of(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
