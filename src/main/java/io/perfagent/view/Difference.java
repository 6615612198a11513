package io.perfagent.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a function has of two profiles, as shares of each one's total, so that runs of another length compare.
 *
 * @param chance the share of chance among differences that are as sure as this one, or more; not a number where it is not known
 */
record Difference(int row, double selfBefore, double selfAfter, double totalBefore, double totalAfter, double chance) {
    private static final double PERCENT = 100;
    private static final double LEAST_CHANCE = 0.0001;

    /** All functions whose share is another, those that differ most first. */
    static List<Difference> of(Tally before, Tally after, Sort sort) {
        Rows rows = after.rows();
        double[] chances = chances(before, after, sort);
        List<Difference> differences = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            Difference difference = new Difference(
                    row,
                    share(before, before.totals().self(row)),
                    share(after, after.totals().self(row)),
                    share(before, before.totals().total(row)),
                    share(after, after.totals().total(row)),
                    chances[row]);
            if (difference.self() != 0 || difference.total() != 0) {
                differences.add(difference);
            }
        }
        differences.sort(
                order(sort).thenComparing(difference -> rows.get(difference.row).name()));
        return differences;
    }

    private static Comparator<Difference> order(Sort sort) {
        Comparator<Difference> bySelf = Comparator.comparingDouble(difference -> -Math.abs(difference.self()));
        Comparator<Difference> byTotal = Comparator.comparingDouble(difference -> -Math.abs(difference.total()));
        return switch (sort) {
            case SELF -> bySelf.thenComparing(byTotal);
            case TOTAL -> byTotal.thenComparing(bySelf);
        };
    }

    /** Functions that neither has any of by that measure are none of those compared. */
    private static double[] chances(Tally before, Tally after, Sort sort) {
        double[] chances = new double[after.rows().count()];
        Arrays.fill(chances, Double.NaN);
        if (before.measure().samples() && after.measure().samples()) {
            int[] compared = IntStream.range(0, chances.length)
                    .filter(row -> samples(before, row, sort) + samples(after, row, sort) > 0)
                    .toArray();
            double[] corrected = Significance.corrected(Arrays.stream(compared)
                    .mapToDouble(row -> Significance.of(
                            samples(before, row, sort), all(before), samples(after, row, sort), all(after)))
                    .toArray());
            for (int at = 0; at < compared.length; at++) {
                chances[compared[at]] = corrected[at];
            }
        }
        return chances;
    }

    private static long samples(Tally of, int row, Sort sort) {
        long amount = switch (sort) {
            case SELF -> of.totals().self(row);
            case TOTAL -> of.totals().total(row);
        };
        return amount / of.measure().period();
    }

    private static long all(Tally of) {
        return of.totals().all() / of.measure().period();
    }

    private static double share(Tally of, long amount) {
        return of.totals().all() == 0 ? 0 : PERCENT * amount / of.totals().all();
    }

    double self() {
        return selfAfter - selfBefore;
    }

    double total() {
        return totalAfter - totalBefore;
    }

    /** As it stands in a table; empty where it is not known. */
    String chanceText() {
        if (Double.isNaN(chance)) {
            return "";
        }
        return chance < LEAST_CHANCE ? "<0.0001" : String.format(Locale.ROOT, chance < 0.01 ? "%.4f" : "%.2f", chance);
    }
}
