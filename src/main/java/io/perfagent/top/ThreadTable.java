package io.perfagent.top;

import io.perfagent.output.CodeKind;
import java.util.List;
import java.util.Locale;

/** Threads, by how much of a CPU they had, and in which code. */
final class ThreadTable implements Table {
    private static final int NAME_COLUMNS = 16; // 15 bytes of a comm

    private final Settings settings;
    private final int width;
    private final double samplesOfCpu;
    private final List<ThreadRow> rows;

    ThreadTable(Picture picture, Settings settings, int width) {
        this.settings = settings;
        this.width = width;
        this.samplesOfCpu = picture.rate() * picture.sums().covered().toNanos() / 1e9;
        this.rows = picture.sums().threads().rows().stream()
                .filter(this::wanted)
                .sorted(settings.order.threads())
                .toList();
    }

    private boolean wanted(ThreadRow row) {
        String text = row.pid() + " " + row.tid() + " " + row.name() + " " + row.hottest();
        return settings.filter.isEmpty()
                || text.toLowerCase(Locale.ROOT).contains(settings.filter.toLowerCase(Locale.ROOT));
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public Line heading() {
        return new Line(width)
                .add(Style.HEADING, "   CPU  PYTHON  OTHER KERNEL     PID     TID  ")
                .field(Style.HEADING, "THREAD", NAME_COLUMNS)
                .add(Style.HEADING, "  MOSTLY IN");
    }

    @Override
    public Line row(int number) {
        ThreadRow row = rows.get(number);
        Shares shares = row.shares();
        long python = shares.of(CodeKind.PYTHON) + shares.of(CodeKind.INTERPRETER);
        long other = shares.samples() - python - shares.of(CodeKind.KERNEL);
        return new Line(width)
                .add(String.format(Locale.ROOT, "%5.1f%%", 100.0 * shares.samples() / samplesOfCpu))
                .add(String.format(
                        Locale.ROOT,
                        "  %5s%% %5s%% %5s%%",
                        share(python, shares),
                        share(other, shares),
                        share(shares.of(CodeKind.KERNEL), shares)))
                .add(String.format(Locale.ROOT, " %7d %7d  ", row.pid(), row.tid()))
                .field(Style.PLAIN, row.name(), NAME_COLUMNS)
                .add("  " + row.hottest());
    }

    private static long share(long part, Shares shares) {
        return Math.round(100.0 * part / shares.samples());
    }
}
