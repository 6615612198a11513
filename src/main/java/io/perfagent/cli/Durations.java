package io.perfagent.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people type them: {@code 30} seconds, {@code 0.5s}, {@code 2m}, {@code 500ms}, {@code 1m30s}, {@code 1h}. */
final class Durations {
    /** Nine digits of any unit cannot overflow. */
    private static final Pattern PART = Pattern.compile("\\G(\\d{1,9}(?:\\.\\d{1,9})?)(us|ms|s|m|h)");

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private static final Map<String, Long> MICROS =
            Map.of("us", 1L, "ms", 1_000L, "s", 1_000_000L, "m", 60_000_000L, "h", 3_600_000_000L);
    private static final int DIGITS = 9;
    private static final long BILLION = 1_000_000_000;
    private static final Duration LONGEST = Duration.ofHours(24);

    private Durations() {}

    /** @param option that the text was given to */
    static Duration parse(String option, String text) throws WrongUsageException {
        String withUnit = NUMBER.matcher(text).matches() ? text + "s" : text;
        Matcher part = PART.matcher(withUnit);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (part.find()) {
            sum = sum.plus(micros(part.group(1), part.group(2)), ChronoUnit.MICROS);
            end = part.end();
        }
        if (text.isEmpty() || end != withUnit.length()) {
            throw new WrongUsageException(option + " " + OneLine.of(text)
                    + " is no duration: write 30 for seconds, or 30s, 2m, 500ms, 1m30s");
        }
        return requireUseful(sum, option, text);
    }

    private static long micros(String number, String unit) {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String part = point < 0 ? "" : number.substring(point + 1);
        long micros = MICROS.getOrDefault(unit, 0L);
        return Long.parseLong(whole) * micros
                + Long.parseLong(part + "0".repeat(DIGITS - part.length())) * micros / BILLION;
    }

    private static Duration requireUseful(Duration duration, String option, String text) throws WrongUsageException {
        if (duration.isZero()) {
            throw new WrongUsageException(option + " " + text + " leaves no time to sample: write for example 30s");
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new WrongUsageException(option + " " + text + " is more than a day: give at most 24h");
        }
        return duration;
    }
}
