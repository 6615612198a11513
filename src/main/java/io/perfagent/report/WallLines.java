package io.perfagent.report;

import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.model.ThreadTimes;
import io.perfagent.model.WaitCounters;
import io.perfagent.model.WaitRequest;
import io.perfagent.model.WallTotals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is said of how threads spend their time: how it divides, which is counted, and what for, as far as stacks say. */
final class WallLines {
    static final String NONE = "no time: the targets have no thread, or each ran for less than --wall-min";
    private static final double NANOS_PER_SECOND = 1e9;

    private final WallTotals totals;
    private final List<StackCount> stacks;

    WallLines(WallTotals totals, List<StackCount> stacks) {
        this.totals = totals;
        this.stacks = stacks;
    }

    List<String> summary() {
        return stacks.isEmpty() ? List.of(measured()) : List.of(measured(), byState());
    }

    /** {@code wall clock: 40.012 s of 4 threads: 10.003 s running, 0.105 s in the run queue, 29.904 s blocked}. */
    String measured() {
        ThreadTimes times = totals.times();
        return String.format(
                Locale.ROOT,
                "wall clock: %.3f s of %d thread%s: %.3f s running, %.3f s in the run queue, %.3f s blocked",
                times.nanos() / NANOS_PER_SECOND,
                totals.threads(),
                totals.threads() == 1 ? "" : "s",
                times.running() / NANOS_PER_SECOND,
                times.queued() / NANOS_PER_SECOND,
                times.blocked() / NANOS_PER_SECOND);
    }

    /** {@code by state: sleep 50.1 %, running 24.9 %, poll 24.8 %, runqueue 0.2 %}. */
    private String byState() {
        Map<ThreadState, Long> sums = new EnumMap<>(ThreadState.class);
        stacks.forEach(stack -> sums.merge(stack.state(), stack.count(), Long::sum));
        long all = sums.values().stream().mapToLong(nanos -> nanos).sum();
        return "by state: "
                + sums.entrySet().stream()
                        .sorted(Map.Entry.<ThreadState, Long>comparingByValue().reversed())
                        .map(entry -> String.format(
                                Locale.ROOT, "%s %.1f %%", entry.getKey().label(), 100.0 * entry.getValue() / all))
                        .collect(Collectors.joining(", "));
    }

    List<String> lost(WaitCounters waits, WaitRequest request) {
        List<String> lines = new ArrayList<>();
        if (totals.stackless() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "without a stack: %.3f s, shown as [no stack]",
                    totals.stackless() / NANOS_PER_SECOND));
        }
        if (totals.leftOut() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "left out: %d threads, %.3f s, that ran for less than %s",
                    totals.leftOut(),
                    totals.leftOutNanos() / NANOS_PER_SECOND,
                    text(request.leastRunning())));
        }
        if (waits.endsLost() + totals.unseen() > 0) {
            lines.add("threads: " + (waits.endsLost() + totals.unseen())
                    + " are not in it, of whose time there was no room to say");
        }
        return lines;
    }

    private static String text(Duration duration) {
        return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
    }
}
