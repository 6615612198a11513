package io.perfagent.view;

import io.perfagent.linux.StandardStream;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Output;
import io.perfagent.model.Profile;
import io.perfagent.output.Destination;
import io.perfagent.output.DifferenceEncoder;
import io.perfagent.output.PythonFold;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code perf-agent diff}: what has grown and shrunk between two profiles, as a table or written. */
public final class Diff {
    private final OpenedProfile before;
    private final OpenedProfile after;
    private final ViewRequest request;

    private Diff(OpenedProfile before, OpenedProfile after, ViewRequest request) {
        this.before = before;
        this.after = after;
        this.request = request;
    }

    /** Compares two files. */
    public static void run(String before, String after, ViewRequest request, PrintStream out)
            throws CannotStartException {
        for (Output output : request.outputs()) {
            Destinations.of(output).check();
        }
        OpenedProfile first = OpenedProfile.open(before, request.sampleType());
        OpenedProfile second = OpenedProfile.open(after, first.sampleType().type());
        Diff diff = new Diff(first, second, request);
        if (request.outputs().isEmpty()) {
            diff.lines(StandardStream.OUTPUT.columns()).forEach(out::println);
            out.flush();
        } else {
            diff.write();
        }
    }

    private void write() throws CannotStartException {
        Profile first = comparable(before);
        Profile second = comparable(after);
        for (Output output : request.outputs()) {
            Destination destination = Destinations.of(output);
            DifferenceEncoder encoder = DifferenceEncoder.of(output.format());
            boolean fold = output.foldPython() && !output.format().foldsByItself();
            Destinations.write(
                    destination,
                    out -> encoder.write(
                            fold ? PythonFold.of(first) : first, fold ? PythonFold.of(second) : second, out));
        }
    }

    private Profile comparable(OpenedProfile profile) throws CannotStartException {
        return OpenedProfile.of(
                profile.name(),
                () -> AcrossBuilds.of(Conversion.of(profile, request).profile().withOrigin(profile.fileName())));
    }

    private List<String> lines(int width) throws CannotStartException {
        Rows rows = new Rows(request.lines() ? Grain.LINE : Grain.ACROSS_BUILDS);
        Tally first = tally(before, rows);
        Tally second = tally(after, rows);
        List<Difference> differences = Difference.of(first, second, request.sort());
        List<String> lines = new ArrayList<>();
        lines.add("before: " + before.headline(first));
        lines.add("after:  " + after.headline(second));
        lines.add(normalised(first, second));
        lines.addAll(table(rows, differences, width));
        return lines;
    }

    private Tally tally(OpenedProfile profile, Rows rows) throws CannotStartException {
        return OpenedProfile.of(profile.name(), () -> {
            Tally tally = Tally.of(profile, request, rows);
            if (tally.totals().anyNegative()) {
                throw new IOException(
                        "it has negative values, as a difference has: compare the profiles that it was made of");
            }
            return tally;
        });
    }

    private String normalised(Tally first, Tally second) {
        String by = request.sort().name().toLowerCase(Locale.ROOT);
        String normalised = "per cent of each profile's " + first.measure().type() + ", and points of change";
        return first.measure().samples() && second.measure().samples()
                ? normalised + "; q: the share of chance among changes of " + by + " with that q or less"
                : normalised + "; how sure they are is not known: the profiles do not tell numbers of samples";
    }

    private List<String> table(Rows rows, List<Difference> differences, int width) {
        int limit = request.limit() == 0 ? differences.size() : Math.min(request.limit(), differences.size());
        Columns columns =
                new Columns("self was", "is", "change", "total was", "is", "change", "q", "function", "where");
        for (Difference difference : differences.subList(0, limit)) {
            columns.add(
                    share(difference.selfBefore()),
                    share(difference.selfAfter()),
                    change(difference.self()),
                    share(difference.totalBefore()),
                    share(difference.totalAfter()),
                    change(difference.total()),
                    difference.chanceText(),
                    rows.get(difference.row()).name(),
                    rows.get(difference.row()).place());
        }
        List<String> lines = new ArrayList<>(columns.lines(width));
        if (limit < differences.size()) {
            lines.add("… and " + (differences.size() - limit) + " more: --limit 0 shows all");
        }
        return lines;
    }

    private static String share(double percent) {
        return String.format(Locale.ROOT, "%.2f", percent);
    }

    private static String change(double points) {
        return String.format(Locale.ROOT, "%+.2f", points);
    }
}
