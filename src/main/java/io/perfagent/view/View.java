package io.perfagent.view;

import io.perfagent.model.CannotStartException;
import io.perfagent.view.pprof.PprofFile;
import java.io.IOException;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code perf-agent view}: one profile as a table. */
public final class View {
    private static final double NANOS_PER_SECOND = 1e9;

    private final OpenedProfile profile;
    private final ViewRequest request;

    private View(OpenedProfile profile, ViewRequest request) {
        this.profile = profile;
        this.request = request;
    }

    /**
     * Shows a file.
     *
     * @param name {@code -} for standard input
     * @param width of the terminal, in characters; 0 where there is none
     */
    public static void run(String name, ViewRequest request, PrintStream out, int width) throws CannotStartException {
        OpenedProfile profile = OpenedProfile.open(name, request.sampleType());
        List<String> lines = OpenedProfile.of(name, () -> new View(profile, request).table(width));
        lines.forEach(out::println);
        out.flush();
    }

    private List<String> table(int width) throws IOException {
        Tally tally = Tally.of(profile, request, new Rows(request.lines()));
        List<String> lines = new ArrayList<>();
        lines.add(head(tally));
        lines.addAll(profile.file().comments());
        lines.addAll(TopTable.lines(tally, request.sort(), request.limit(), width));
        return lines;
    }

    private String head(Tally tally) {
        PprofFile file = profile.file();
        long all = tally.totals().all();
        String samples =
                tally.measure().samples() ? " in " + all / tally.measure().period() + " samples" : "";
        String during = file.duration().isZero()
                ? ""
                : String.format(Locale.ROOT, " of %.1f s", file.duration().toNanos() / NANOS_PER_SECOND);
        String since = file.start().getEpochSecond() == 0
                ? ""
                : ", from " + file.start().truncatedTo(ChronoUnit.SECONDS);
        return profile.name() + ": " + tally.quantity().text(all) + " "
                + tally.measure().type() + samples + during + since;
    }
}
