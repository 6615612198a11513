package io.perfagent.top;

import io.perfagent.output.CodeKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws a picture as lines of a screen.
 *
 * <pre>
 *   title                                    span, rate
 *   samples, by kind of code
 *   lost
 *   headings
 *   rows …                                   or a sheet in their place
 *   keys, or what is typed, or a message
 * </pre>
 *
 * Where there is no room for all of it the rows come first.
 */
final class Painter {
    private static final int LEAST_FOR_KEYS = 8;
    private static final int LEAST_FOR_LOSSES = 6;
    private static final int LEAST_TITLE = 20;
    private static final String KEYS = "h help  q quit  f functions  l lines  t threads  s sort  / filter  p pause";

    private final Picture picture;
    private final Settings settings;
    private final int width;
    private final int height;

    private Painter(Picture picture, Settings settings, int width, int height) {
        this.picture = picture;
        this.settings = settings;
        this.width = width;
        this.height = height;
    }

    /** As many lines as the screen has, or fewer. Tells the settings how far can be scrolled. */
    static List<Line> paint(Picture picture, Settings settings, int width, int height) {
        return new Painter(picture, settings, width, height).paint();
    }

    private List<Line> paint() {
        List<Line> lines = new ArrayList<>();
        lines.add(title());
        lines.add(samples());
        if (height >= LEAST_FOR_LOSSES) {
            lines.add(line().add("lost: " + picture.losses().text()));
        }
        boolean keys = height >= LEAST_FOR_KEYS || settings.typing;
        int room = Math.max(0, height - lines.size() - (keys ? 1 : 0));
        lines.addAll(body(room));
        if (keys) {
            while (lines.size() < height - 1) {
                lines.add(line());
            }
            lines.add(bottom());
        }
        return lines.size() > height ? lines.subList(0, height) : lines;
    }

    private Line line() {
        return new Line(width);
    }

    private Line title() {
        String right = (settings.paused ? "paused, " : "")
                + (settings.span == Span.ALL ? "all " : "last ")
                + seconds() + " s, " + picture.rate() + " Hz";
        String left = "perf-agent top: " + picture.title();
        Line title = line();
        int room = width - right.length() - 2;
        return room < LEAST_TITLE
                ? title.add(Style.BOLD, left)
                : title.field(Style.BOLD, left, room).add("  " + right);
    }

    private long seconds() {
        return Math.round(picture.sums().covered().toMillis() / 1000.0);
    }

    private Line samples() {
        Shares shares = picture.sums().shares();
        long nanos = picture.sums().covered().toNanos();
        Line line = line().add(shares.samples() + " samples");
        if (nanos > 0) {
            double cpus = shares.samples() * 1e9 / picture.rate() / nanos;
            line.add(String.format(Locale.ROOT, ", %.2f CPUs", cpus));
        }
        line.add(":");
        Stream.of(CodeKind.values())
                .filter(kind -> shares.of(kind) > 0)
                .sorted(Comparator.comparingLong(shares::of).reversed())
                .forEach(kind -> line.add(" ")
                        .add(Style.of(kind), word(kind) + " " + percent(shares.of(kind), shares.samples())));
        return shares.collecting() == 0 ? line : line.add(" GC " + percent(shares.collecting(), shares.samples()));
    }

    private static String word(CodeKind kind) {
        return kind == CodeKind.UNNAMED ? "unnamed" : kind.label();
    }

    private static String percent(long part, long all) {
        return Math.round(100.0 * part / all) + "%";
    }

    private List<Line> body(int room) {
        List<Line> body = switch (settings.sheet) {
            case HELP -> Sheets.help(width);
            case LOSSES -> Sheets.losses(picture.lost(), width);
            case NONE -> table(room);
        };
        return body.size() > room ? body.subList(0, room) : body;
    }

    private List<Line> table(int room) {
        Table table = settings.grouping == Grouping.THREADS
                ? new ThreadTable(picture, settings, width)
                : new FunctionTable(picture, settings, width);
        int rows = Math.max(0, room - 1);
        settings.page = Math.max(1, rows);
        settings.scroll = Math.max(0, Math.min(settings.scroll, table.size() - rows));
        List<Line> lines = new ArrayList<>(List.of(table.heading()));
        for (int row = settings.scroll; row < Math.min(table.size(), settings.scroll + rows); row++) {
            lines.add(table.row(row));
        }
        if (table.size() == 0) {
            lines.add(line().add(nothing()));
        }
        return lines;
    }

    /** Why there are no rows. */
    private String nothing() {
        if (!settings.filter.isEmpty()) {
            return "nothing has " + settings.filter + " in its name: Esc ends the filter";
        }
        return picture.sums().covered().isZero() ? "waiting for the first samples" : "no samples: nothing ran on a CPU";
    }

    private Line bottom() {
        if (settings.typing) {
            return line().add("filter: ").add(Style.BOLD, settings.filter + "_");
        }
        if (!picture.message().isEmpty()) {
            return line().add(Style.BOLD, picture.message());
        }
        if (!settings.filter.isEmpty()) {
            return line().add("only ").add(Style.BOLD, settings.filter).add(Style.FAINT, "  Esc all  " + KEYS);
        }
        return line().add(Style.FAINT, KEYS);
    }
}
