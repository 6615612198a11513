package io.perfagent.view;

import java.util.Locale;

/**
 * How amounts of one column are written: all in the unit that suits the largest of them, so that they compare at a glance.
 *
 * @param divisor of amounts as the profile has them
 * @param decimals behind the point
 * @param unit with the blank in front; empty for numbers of things
 */
record Quantity(double divisor, int decimals, String unit) {
    private static final double KIBI = 1024;
    private static final double KILO = 1000;
    private static final String[] TIMES = {"ns", "µs", "ms", "s"};
    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB"};

    /** For amounts up to that one, in a unit of pprof's. */
    static Quantity of(String unit, long largest) {
        double amount = Math.abs((double) largest);
        return switch (unit) {
            case "nanoseconds", "nanosecond", "ns" -> scaled(amount, 0, KILO, TIMES);
            case "microseconds", "microsecond", "us" -> scaled(amount, 1, KILO, TIMES);
            case "milliseconds", "millisecond", "ms" -> scaled(amount, 2, KILO, TIMES);
            case "seconds", "second", "s" -> scaled(amount, 3, KILO, TIMES);
            case "bytes", "byte" -> scaled(amount, 0, KIBI, BYTES);
            case "kilobytes", "kilobyte" -> scaled(amount, 1, KIBI, BYTES);
            case "count", "" -> new Quantity(1, 0, "");
            default -> new Quantity(1, 0, " " + unit);
        };
    }

    /** @param first which of the units the amount is in */
    private static Quantity scaled(double amount, int first, double step, String... units) {
        double divisor = 1;
        int unit = first;
        while (unit + 1 < units.length && amount / divisor >= step) {
            divisor *= step;
            unit++;
        }
        return new Quantity(divisor, divisor == 1 ? 0 : 2, " " + units[unit]);
    }

    String text(long amount) {
        return String.format(Locale.ROOT, "%." + decimals + "f%s", amount / divisor, unit);
    }
}
