package io.perfagent.report;

import io.perfagent.model.Event;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.Written;
import io.perfagent.profile.HottestFunctions;
import io.perfagent.profile.HottestFunctions.HotFunction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The last lines of a run, for the person who waits for it: where the time went, what was lost, and the command that shows more.
 *
 * <pre>
 *   hottest Python functions, by their own share of 812 samples:
 *      41.3 %  render (shop.py)
 *   lost: nothing
 *   look at it: go tool pprof -http :8080 -show='^py::' gunicorn.pb.gz
 * </pre>
 */
final class ClosingLines {
    private static final int FUNCTIONS = 5;
    private static final int MOST_CHARS = 100;
    /** Who has redirected it knows where it went. */
    private static final Path STANDARD_OUTPUT = Path.of("-");

    private final Event event;
    private final List<StackCount> stacks;
    private final long samples;

    ClosingLines(Event event, List<StackCount> stacks) {
        this.event = event;
        this.stacks = stacks;
        this.samples = stacks.stream().mapToLong(StackCount::count).sum();
    }

    /**
     * The lines.
     *
     * @param lost what was, by cause
     * @param written where the profile is
     */
    List<String> of(List<String> lost, List<Written> written) {
        List<String> lines = new ArrayList<>();
        List<HotFunction> python = HottestFunctions.python(stacks, FUNCTIONS);
        if (samples > 0) {
            List<HotFunction> hottest = python.isEmpty() ? ofAnyKind() : python;
            lines.add(heading(python.isEmpty() ? "" : "Python "));
            hottest.forEach(function -> lines.add(line(function)));
        }
        lines.add("lost: " + (lost.isEmpty() ? "nothing" : String.join("; ", lost)));
        written.stream()
                .filter(one -> samples > 0 && !one.file().equals(STANDARD_OUTPUT))
                .map(one -> "look at it: "
                        + command(one.format(), word(one.file().toString()), !python.isEmpty(), withWakers()))
                .forEach(lines::add);
        return lines;
    }

    private List<HotFunction> ofAnyKind() {
        return switch (event) {
            case CPU_CLOCK -> HottestFunctions.any(stacks, FUNCTIONS);
            case OFF_CPU, WALL -> HottestFunctions.user(stacks, FUNCTIONS);
        };
    }

    private String heading(String kind) {
        return switch (event) {
            case CPU_CLOCK -> "hottest " + kind + "functions, by their own share of " + samples + " samples:";
            case OFF_CPU -> heading("where threads wait", kind);
            case WALL -> heading("where the time of threads goes", kind);
        };
    }

    private String heading(String what, String kind) {
        return String.format(Locale.ROOT, "%s, %sfunctions by their own share of %.3f s:", what, kind, samples / 1e9);
    }

    private boolean withWakers() {
        return stacks.stream().anyMatch(stack -> stack.activity().waker() != null);
    }

    /** The frames of wakers stand where pprof takes the leaf to be. */
    private static String command(Format format, String file, boolean python, boolean wakers) {
        String show = python ? "-show='^" + Location.Kind.PYTHON.prefix() + "' " : "";
        return switch (format) {
            case PPROF -> wakers ? "perf-agent view --wakers " + file : "go tool pprof -http :8080 " + show + file;
            case FOLDED -> "flamegraph.pl " + file + " > flames.svg, or on https://speedscope.app";
            case SPEEDSCOPE -> file + ", on https://www.speedscope.app, which sends it nowhere";
            case FIREFOX ->
                file + ", on https://profiler.firefox.com, which sends it nowhere unless it is uploaded there";
            case PERF -> "perf report -i " + file;
            case HTML -> file + ", in a browser";
        };
    }

    private static String word(String file) {
        return Log.oneLine(Shell.word(file));
    }

    private String line(HotFunction function) {
        return String.format(Locale.ROOT, "%6.1f %%  ", 100.0 * function.samples() / samples)
                + function(function.name(), function.file(), function.startLine());
    }

    /** {@code render (shop.py:12)}. */
    static String function(String function, String file, int startLine) {
        return Quoted.line(shortened(function)) + place(file, startLine);
    }

    private static String place(String file, int startLine) {
        String line = startLine == 0 ? "" : ":" + startLine;
        String name = Quoted.line(shortened(file.substring(file.lastIndexOf('/') + 1)));
        return file.isEmpty() ? "" : " (" + name + line + ")";
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= MOST_CHARS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST_CHARS)) + "...";
    }
}
