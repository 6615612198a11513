package io.perfagent.report;

import io.perfagent.profile.GilSummary;
import io.perfagent.profile.GilSummary.Function;
import io.perfagent.profile.GilSummary.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is said of CPython's global interpreter lock.
 *
 * <pre>
 *   gil: 62 % held, waits 31 % of thread time, longest holder encode (app.py:88)
 *   who waits for whom, by their share of 4.210 s of waits for the GIL:
 *     58.1 %  parse (app.py:12) for encode (app.py:88)
 * </pre>
 */
final class GilLines {
    private static final int MOST_PROCESSES = 3;
    private static final int MOST_PAIRS = 5;

    private final List<GilSummary> processes;
    private final Duration duration;

    GilLines(List<GilSummary> processes, Duration duration) {
        this.processes = processes;
        this.duration = duration;
    }

    /** None where no process used a lock. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        processes.stream().limit(MOST_PROCESSES).forEach(process -> add(lines, process));
        return lines;
    }

    /** Of waits for it of which more is not known than that. */
    List<String> lost() {
        List<String> lines = new ArrayList<>();
        processes.forEach(process -> process.unknown()
                .forEach((reason, nanos) -> lines.add(String.format(
                        Locale.ROOT,
                        "gil: who had it during %.3f s of waits%s is not known, for %s",
                        nanos / 1e9,
                        of(process),
                        reason.description()))));
        return lines;
    }

    private void add(List<String> lines, GilSummary process) {
        lines.add("gil" + of(process) + ": " + (process.running() > 0 ? held(process) : waits(process)));
        if (process.running() > 0 && process.held() > 0) {
            lines.add(String.format(Locale.ROOT, "who holds the GIL, by their share of %.3f s:", process.held() / 1e9));
            process.holders().stream()
                    .limit(MOST_PAIRS)
                    .forEach(one -> lines.add(line(one.getValue(), process.held(), text(one.getKey()))));
        }
        if (!process.pairs().isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "who waits for whom, by their share of %.3f s of waits for the GIL:",
                    process.waited() / 1e9));
            process.pairs().stream()
                    .limit(MOST_PAIRS)
                    .forEach(one -> lines.add(line(one.getValue(), process.waited(), text(one.getKey()))));
        }
    }

    private String of(GilSummary process) {
        return processes.size() == 1 ? "" : " of process " + process.pid();
    }

    private String held(GilSummary process) {
        String waits = String.format(
                Locale.ROOT,
                "%.0f %% held, waits %.0f %% of thread time",
                Math.min(100, 100.0 * process.held() / duration.toNanos()), // an estimate
                100.0 * process.waited() / (process.running() + process.off()));
        return process.holders().isEmpty()
                ? waits
                : waits + ", longest holder "
                        + text(process.holders().getFirst().getKey());
    }

    /** Where running threads are not sampled it is not known how long they held it. */
    private static String waits(GilSummary process) {
        return String.format(
                Locale.ROOT,
                "waits %.0f %% of the time off the CPU; with --profile it is known how long it is held, too",
                100.0 * process.waited() / process.off());
    }

    private static String line(long nanos, long all, String text) {
        return String.format(Locale.ROOT, "%6.1f %%  %s", 100.0 * nanos / all, text);
    }

    private static String text(Pair pair) {
        return text(pair.waiter()) + " for " + text(pair.holder());
    }

    private static String text(Function function) {
        return function.known()
                ? ClosingLines.function(function.name(), function.file(), function.startLine())
                : "what is no Python function";
    }
}
