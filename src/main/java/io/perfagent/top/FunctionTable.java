package io.perfagent.top;

import io.perfagent.report.Log;
import java.util.List;
import java.util.Locale;

/** Functions or lines, by their own share of all samples and that with what they call. */
final class FunctionTable implements Table {
    private static final int SHARE_COLUMNS = 7;
    private static final int SHARES = SHARE_COLUMNS + 1 + SHARE_COLUMNS + 2;
    private static final String SHARE_HEADINGS = "%" + SHARE_COLUMNS + "s %" + SHARE_COLUMNS + "s  ";
    /** Of so many rows names find their room; longer ones behind them are cut. */
    private static final int ROWS_LOOKED_AT = 200;
    /** A name may take so much of what is left beside the shares. */
    private static final double MOST_OF_THE_REST = 0.6;

    private final Settings settings;
    private final int width;
    private final long samples;
    private final boolean python;
    private final List<Row> rows;
    private final int nameColumns;

    FunctionTable(Picture picture, Settings settings, int width) {
        this.settings = settings;
        this.width = width;
        this.samples = picture.sums().shares().samples();
        this.python = !settings.allCode && !picture.sums().python().isEmpty();
        Tally tally = python ? picture.sums().python() : picture.sums().all();
        List<Row> all = settings.grouping == Grouping.LINES ? tally.lines() : tally.functions();
        this.rows =
                all.stream().filter(this::wanted).sorted(settings.order.rows()).toList();
        this.nameColumns = nameColumns();
    }

    private boolean wanted(Row row) {
        return settings.filter.isEmpty() || contains(row.name()) || contains(row.place());
    }

    private boolean contains(String text) {
        return text.toLowerCase(Locale.ROOT).contains(settings.filter.toLowerCase(Locale.ROOT));
    }

    private int nameColumns() {
        int most = (int) ((width - SHARES) * MOST_OF_THE_REST);
        int longest = rows.stream()
                .limit(ROWS_LOOKED_AT)
                .mapToInt(row -> Line.columns(Log.oneLine(row.name())))
                .max()
                .orElse(0);
        return Math.max(0, Math.min(most, Math.max(longest, nameHeading().length() + 1)));
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public Line heading() {
        String place = settings.grouping == Grouping.LINES ? "LINE" : "HOTTEST LINE";
        return new Line(width)
                .add(Style.HEADING, String.format(SHARE_HEADINGS, mark("SELF", Order.SELF), mark("TOTAL", Order.TOTAL)))
                .field(Style.HEADING, mark(nameHeading(), Order.NAME), nameColumns)
                .add(Style.HEADING, "  " + place);
    }

    private String nameHeading() {
        return python ? "PYTHON FUNCTION" : "FUNCTION";
    }

    private String mark(String heading, Order order) {
        return settings.order == order ? heading + "*" : heading;
    }

    @Override
    public Line row(int number) {
        Row row = rows.get(number);
        Line line = new Line(width)
                .add(share(row.self()) + " " + share(row.total()) + "  ")
                .field(Style.of(row.kind()), row.name(), nameColumns)
                .add("  ");
        return line.lastOf(Style.PLAIN, row.place(), width - line.columns());
    }

    private String share(long part) {
        return String.format(Locale.ROOT, "%6.1f%%", samples == 0 ? 0 : 100.0 * part / samples);
    }
}
