package io.perfagent.report;

import io.perfagent.model.OpenWaits;
import io.perfagent.model.StackCount;
import io.perfagent.model.WaitCounters;
import io.perfagent.model.WaitRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is said of time off the CPU: how much there was, which is counted, and how much of it the profile stands for, which is an estimate. */
final class WaitLines {
    private static final double NANOS_PER_SECOND = 1e9;

    private final WaitRequest request;
    private final WaitCounters counters;
    private final OpenWaits open;
    private final List<StackCount> stacks;

    WaitLines(WaitRequest request, WaitCounters counters, OpenWaits open, List<StackCount> stacks) {
        this.request = request;
        this.counters = counters;
        this.open = open;
        this.stacks = stacks;
    }

    /** {@code off CPU: 12.310 s in 48211 waits that have ended: 11.870 s blocked, 0.440 s in the run queue; 40.2 s in 4 that go on}. */
    String measured() {
        return String.format(
                Locale.ROOT,
                "off CPU: %.3f s in %d waits that have ended: %.3f s blocked, %.3f s in the run queue; %.3f s in %d that go on",
                counters.nanos() / NANOS_PER_SECOND,
                counters.waits(),
                counters.blockedNanos() / NANOS_PER_SECOND,
                counters.queuedNanos() / NANOS_PER_SECOND,
                open.nanos() / NANOS_PER_SECOND,
                open.waits());
    }

    /** How it comes about. */
    String estimated() {
        long nanos = stacks.stream().mapToLong(StackCount::count).sum();
        return String.format(
                Locale.ROOT,
                "%d of them are recorded and stand for %.3f s: %s",
                counters.recorded() - counters.late() - counters.untaken() + open.waits() - open.unread(),
                nanos / NANOS_PER_SECOND,
                choice());
    }

    private String choice() {
        Duration highest = Duration.ofNanos(counters.highestThreshold());
        String grown =
                highest.compareTo(request.threshold()) > 0 ? ", up to " + text(highest) + " while there were many" : "";
        return request.shortest().compareTo(request.threshold()) >= 0 && grown.isEmpty()
                ? "all of " + text(request.shortest()) + " or more"
                : "all of " + text(request.threshold()) + " or more, and by chance shorter ones, each for "
                        + text(request.threshold()) + grown;
    }

    String none() {
        return "no waits: no thread of the targets has left a CPU for long enough and come back to one meanwhile";
    }

    List<String> lost() {
        List<String> lines = new ArrayList<>();
        if (counters.late() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "waits: %d, which stand for %.3f s, are not in it" + timeKept()
                            + ", for their threads ran on before their stacks were taken",
                    counters.late(),
                    counters.lateNanos() / NANOS_PER_SECOND));
        }
        if (counters.untaken() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "waits: %d, which stand for %.3f s, are not in it" + timeKept()
                            + ", of processes that had only just begun",
                    counters.untaken(),
                    counters.untakenNanos() / NANOS_PER_SECOND));
        }
        if (counters.unseen() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "waits: %d, %.3f s, are not in it%s, for the kernel did not tell of their ends",
                    counters.unseen(),
                    counters.unseenNanos() / NANOS_PER_SECOND,
                    timeKept()));
        }
        if (counters.passedOver() > 0) {
            lines.add("switches: " + counters.passedOver()
                    + " on this machine were told to nobody, for the kernel was telling of another on that"
                    + " processor");
        }
        if (open.unread() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "waits: %d that went on at the end, %.3f s, %s, for their threads went on before their stacks"
                            + " were read, or there were more than 4096",
                    open.unread(),
                    open.unreadNanos() / NANOS_PER_SECOND,
                    request.wall() ? "are in it without their callers" : "are not in it"));
        }
        if (counters.leftOut() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "waits: %d shorter than %s were left out, %.3f s in all",
                    counters.leftOut(),
                    text(request.shortest()),
                    counters.leftOutNanos() / NANOS_PER_SECOND));
        }
        if (counters.withoutRoom() > 0) {
            lines.add("waits: " + counters.withoutRoom() + " were left out, of threads for which there was no room");
        }
        return lines;
    }

    /** Others of the thread, or none, stand for it. */
    private String timeKept() {
        return request.wall() ? " but for their time" : "";
    }

    private static String text(Duration duration) {
        long micros = duration.toNanos() / 1_000;
        return micros % 1_000 == 0 ? micros / 1_000 + " ms" : micros + " us";
    }
}
