package io.perfagent.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** One quantity, measured once a round. */
final class Figures {
    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    /** NaN where nothing was measured. */
    double median() {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The median, with as many digits as matter. */
    String text() {
        return text(median());
    }

    /** The smallest and the largest: how much the rounds differ. */
    String range() {
        return values.isEmpty() ? "" : text(Collections.min(values)) + " .. " + text(Collections.max(values));
    }

    static String text(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        int digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 && Math.abs(value) < 99 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
