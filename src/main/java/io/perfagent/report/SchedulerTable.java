package io.perfagent.report;

import io.perfagent.model.HardwareCount;
import io.perfagent.model.HardwareCounter;
import io.perfagent.model.SchedulerCounts;
import io.perfagent.model.Scheduling;
import io.perfagent.model.Spread;
import io.perfagent.model.SwitchReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was counted, for people.
 *
 * <pre>
 *   counted for 10.0 s: naps (4711)
 *     on a CPU: 3.331 s, 33.3 % of one
 *                                 number     mean      p50      p90      p99    p99.9  longest
 *     slices on a CPU              1,666  2.00 ms  2.00 ms  2.06 ms  2.19 ms  3.94 ms  4.10 ms
 *     waits for a CPU              1,666  4.10 us  …
 *     context switches             1,666    166.6 a second
 *       waited                     1,600     96.0 %
 *     …
 * </pre>
 */
public final class SchedulerTable {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999};
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final SchedulerCounts counts;
    private final double seconds;
    private final List<String> lines = new ArrayList<>();

    private SchedulerTable(SchedulerCounts counts) {
        this.counts = counts;
        this.seconds = Math.max(1e-9, (double) counts.duration().toNanos() / NANOS_PER_SECOND);
    }

    /**
     * The lines.
     *
     * @param targets in a few words
     */
    public static List<String> of(String targets, SchedulerCounts counts) {
        SchedulerTable table = new SchedulerTable(counts);
        table.add("counted for " + seconds(counts.duration()) + ": " + targets, counts.all());
        for (Scheduling process : counts.processes()) {
            table.lines.add("");
            table.add(Quoted.of(process.comm()) + " (" + process.pid() + ")", process);
        }
        Scheduling others = counts.others();
        if (others != null) {
            table.lines.add("");
            table.add("processes that came when " + counts.processes().size() + " were counted, together", others);
        }
        table.addLeftOut();
        return List.copyOf(table.lines);
    }

    private void add(String title, Scheduling of) {
        lines.add(title);
        lines.add("  on a CPU: " + seconds(Duration.ofNanos(of.slices().sum()))
                + String.format(Locale.ROOT, ", %.1f %% of one", of.slices().sum() / seconds / NANOS_PER_SECOND * 100));
        lines.add(String.format(
                Locale.ROOT,
                "  %-22s %12s %8s %8s %8s %8s %8s %8s",
                "",
                "number",
                "mean",
                "p50",
                "p90",
                "p99",
                "p99.9",
                "longest"));
        add("slices on a CPU", of.slices());
        add("waits for a CPU", of.waits());
        addSwitches(of);
        add("migrations", of.migrations(), perSecond(of.migrations()));
        long faults = of.minorFaults() + of.majorFaults();
        add("page faults", faults, perSecond(faults) + ", " + number(of.majorFaults()) + " of them major");
        addHardware(of);
        addUncertain(of);
    }

    private void add(String label, Spread spread) {
        StringBuilder line = new StringBuilder(start("  ", label, spread.count()));
        if (spread.count() > 0) {
            line.append(column(Math.round(spread.mean())));
            for (double share : QUANTILES) {
                line.append(column(spread.quantile(share)));
            }
            line.append(column(spread.longest()));
        }
        lines.add(line.toString());
    }

    private void addSwitches(Scheduling of) {
        long all = of.allSwitches();
        add("context switches", all, perSecond(all));
        for (SwitchReason reason : SwitchReason.values()) {
            long switches = of.switches(reason);
            if (switches > 0) {
                lines.add(start("    ", reason.label(), switches)
                        + String.format(Locale.ROOT, " %8.1f %%", 100.0 * switches / all));
            }
        }
    }

    private void addHardware(Scheduling of) {
        HardwareCount cycles = of.hardware(HardwareCounter.CYCLES);
        HardwareCount instructions = of.hardware(HardwareCounter.INSTRUCTIONS);
        HardwareCount misses = of.hardware(HardwareCounter.CACHE_MISSES);
        String missing = counts.withoutHardware();
        if (missing != null) {
            lines.add("  cycles, instructions, cache misses and instructions per cycle: not available, for " + missing);
            return;
        }
        double busy = of.slices().sum();
        add("cycles", cycles, ratio(cycles.scaled(), busy, " a nanosecond on a CPU"));
        add("instructions", instructions, ratio(instructions.scaled(), cycles.scaled(), " per cycle"));
        add("cache misses", misses, ratio(1000 * misses.scaled(), instructions.scaled(), " per 1,000 instructions"));
    }

    private void add(String label, HardwareCount count, @Nullable String ratio) {
        if (count.runningNanos() == 0) {
            lines.add(String.format(Locale.ROOT, "  %-22s %12s", label, "not available"));
            return;
        }
        String shared = count.share() < 0.999
                ? String.format(
                        Locale.ROOT, ", counted for %.0f %% of the time and scaled", Math.floor(100 * count.share()))
                : "";
        lines.add(start("  ", label, Math.round(count.scaled())) + (ratio == null ? "" : " " + ratio) + shared);
    }

    private static @Nullable String ratio(double of, double to, String words) {
        return to == 0 || of == 0 ? null : String.format(Locale.ROOT, "%.2f", of / to) + words;
    }

    private void add(String label, long count, String more) {
        lines.add(start("  ", label, count) + " " + more);
    }

    /** What the table cannot say. */
    private void addUncertain(Scheduling of) {
        if (of.slices().cut() + of.waits().cut() > 0) {
            lines.add("  under way at the end, and counted as far as seen: "
                    + number(of.slices().cut()) + " slices, "
                    + number(of.waits().cut()) + " waits");
        }
        if (of.slicesUnseen() + of.waitsUnseen() > 0) {
            lines.add("  not counted, for their beginning was not seen: " + number(of.slicesUnseen()) + " slices, "
                    + number(of.waitsUnseen()) + " waits");
        }
    }

    private void addLeftOut() {
        if (counts.notFollowed() > 0) {
            lines.add(
                    "left out: " + counts.notFollowed() + " processes that the targets have started, for want of room");
        }
        if (counts.waitsLeftOut() > 0) {
            lines.add("left out: " + counts.waitsLeftOut() + " waits for a CPU, for want of room");
        }
    }

    private static String start(String indent, String label, long count) {
        return String.format(Locale.ROOT, "%-24s %12s", indent + label, number(count));
    }

    private String perSecond(long count) {
        return String.format(Locale.ROOT, "%,8.1f a second", count / seconds);
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String column(long nanos) {
        return String.format(Locale.ROOT, " %8s", length(nanos));
    }

    /** Three digits of it: {@code 4.10 us}. */
    static String length(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        String[] units = {"us", "ms", "s"};
        double value = nanos / 1e3;
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1e3;
            unit++;
        }
        int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + digits + "f %s", value, units[unit]);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", (double) duration.toNanos() / NANOS_PER_SECOND);
    }
}
