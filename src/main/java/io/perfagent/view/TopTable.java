package io.perfagent.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The functions of a profile that took most:
 *
 * <pre>
 *       self  self %      total  total %  function      where
 *     0.40 s  40.0 %     0.40 s   40.0 %  malloc        /usr/lib/libc.so.6
 *     0.00 s   0.0 %     0.90 s   90.0 %  py::main      /srv/app.py:3
 * </pre>
 */
final class TopTable {
    private static final double PERCENT = 100;

    private final Rows rows;
    private final Totals totals;
    private final Quantity quantity;

    private TopTable(Tally tally) {
        this.rows = tally.rows();
        this.totals = tally.totals();
        this.quantity = tally.quantity();
    }

    /** The table's lines, so many rows at most or all of them where that is 0. */
    static List<String> lines(Tally tally, Sort sort, int limit, int width) {
        return new TopTable(tally).lines(sort, limit, width);
    }

    /** Numbers of the rows that have any of it. */
    static List<Integer> order(Tally tally, Sort sort) {
        return new TopTable(tally).order(sort);
    }

    private List<String> lines(Sort sort, int limit, int width) {
        List<Integer> order = order(sort);
        List<Integer> shown = limit > 0 && limit < order.size() ? order.subList(0, limit) : order;
        Columns columns = new Columns("self", "self %", "total", "total %", "function", "where");
        for (int row : shown) {
            columns.add(
                    quantity.text(totals.self(row)),
                    share(totals.self(row)),
                    quantity.text(totals.total(row)),
                    share(totals.total(row)),
                    rows.get(row).name(),
                    rows.get(row).place());
        }
        List<String> lines = new ArrayList<>(columns.lines(width));
        if (shown.size() < order.size()) {
            lines.add("… and " + (order.size() - shown.size()) + " more: --limit 0 shows all");
        }
        return lines;
    }

    /** Rows that have nothing are none of this profile's. */
    private List<Integer> order(Sort sort) {
        Comparator<Integer> bySelf = Comparator.comparingLong(row -> -Math.abs(totals.self(row)));
        Comparator<Integer> byTotal = Comparator.comparingLong(row -> -Math.abs(totals.total(row)));
        Comparator<Integer> byNumbers = switch (sort) {
            case SELF -> bySelf.thenComparing(byTotal);
            case TOTAL -> byTotal.thenComparing(bySelf);
        };
        return IntStream.range(0, rows.count())
                .filter(row -> totals.self(row) != 0 || totals.total(row) != 0)
                .boxed()
                .sorted(byNumbers
                        .thenComparing(row -> rows.get(row).name())
                        .thenComparing(row -> rows.get(row).place()))
                .toList();
    }

    private String share(long amount) {
        double share = totals.all() == 0 ? 0 : PERCENT * amount / totals.all();
        return String.format(Locale.ROOT, "%.1f %%", share);
    }
}
