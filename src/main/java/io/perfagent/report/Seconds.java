package io.perfagent.report;

import java.time.Duration;

/** Durations for people: {@code 30 s}, {@code 0.5 s}. */
public final class Seconds {
    private Seconds() {}

    public static String of(Duration duration) {
        return duration.toSeconds() + fraction(duration.toMillisPart()) + " s";
    }

    /** By hand: the first BigDecimal costs 30 ms. */
    private static String fraction(int millis) {
        String digits = Integer.toString(1000 + millis).substring(1);
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        return end == 0 ? "" : "." + digits.substring(0, end);
    }
}
