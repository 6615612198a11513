package io.perfagent.agent;

import io.perfagent.model.Profile;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.Naming;
import io.perfagent.python.StopTimes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The truth of a run: every sample lost, cut or unnamed by cause, beside what the run cost. For stderr and for the profile. */
final class RunReport {
    private final ProfileRequest request;
    private final Collector collector;
    private final SamplerCounters counters;
    private final UserWalks walks;
    private final Completeness completeness;
    private final Naming naming;
    private final StartCost start;
    private final List<String> missed;
    private final long damagedMapLines;
    private final PythonTargets python;

    RunReport(
            ProfileRequest request,
            Collector collector,
            SamplerCounters counters,
            UserWalks walks,
            StartCost start,
            List<String> missed,
            List<StackCount> stacks,
            long damagedMapLines,
            PythonTargets python) {
        this.request = request;
        this.collector = collector;
        this.counters = counters;
        this.walks = walks;
        this.start = start;
        this.missed = missed;
        this.completeness = collector.completeness();
        this.naming = Naming.of(stacks);
        this.damagedMapLines = damagedMapLines;
        this.python = python;
    }

    /** The profile's comments. */
    List<String> comments() {
        List<String> comments = new ArrayList<>();
        comments.add("perf-agent " + Release.version());
        request.tags().forEach(tag -> comments.add("tag: " + tag));
        comments.add("samples: " + counters.samples() + " taken, " + counters.dropped()
                + " dropped because the ring was full, " + collector.overflowed()
                + " dropped because memory for stacks was full");
        comments.addAll(completeness.lines());
        comments.addAll(walkedOn());
        comments.addAll(uncertain());
        comments.add(String.format(
                Locale.ROOT,
                "walk: %.1f ns per frame over %d frames, %.1f us of kernel time per sample",
                counters.nanosPerFrame(),
                counters.userFrames(),
                counters.samples() == 0 ? 0 : counters.programNanos() / 1e3 / counters.samples()));
        comments.addAll(start.lines());
        comments.addAll(python.comments());
        comments.add(AgentCost.now().line());
        return comments;
    }

    /** The lines at the end of the run. */
    void print(Log log, Path file) {
        for (WalkEnd end : WalkEnd.values()) {
            if (!end.complete() && completeness.samples(end) > 0) {
                log.line("stacks cut", "reason", end.description(), "samples", completeness.samples(end));
            }
        }
        walkedOn().forEach(line -> log.line(line));
        uncertain().forEach(line -> log.line(line));
        log.line(
                "profile written",
                "file",
                file,
                "samples",
                completeness.samples(),
                "complete",
                String.format(Locale.ROOT, "%.2f%%", Math.floor(completeness.share() * 10_000) / 100),
                "dropped",
                counters.dropped() + collector.overflowed(),
                "ns_per_frame",
                String.format(Locale.ROOT, "%.1f", counters.nanosPerFrame()));
    }

    /** Samples whose code became known only after they were taken. */
    private List<String> walkedOn() {
        long leftOut = counters.copiesLeftOut();
        if (counters.copies() == 0 && leftOut == 0) {
            return List.of();
        }
        return List.of("walked on in user space: " + walks.walked() + " samples of code that was not known yet, "
                + walks.completed() + " of them complete now; copies of stacks left out: " + leftOut
                + " because the ring was too full, " + collector.withoutMemory() + " because memory for them was");
    }

    /** Frames without a name or without a rule, and names that could not be read. */
    private List<String> uncertain() {
        List<String> lines = new ArrayList<>(missed);
        lines.addAll(naming.lines());
        if (damagedMapLines > 0) {
            lines.add("perf maps: damaged lines left out: " + damagedMapLines);
        }
        long guessed = counters.guessed() + walks.guessed();
        if (guessed > 0) {
            lines.add("guessed frames: " + guessed + " of " + counters.userFrames()
                    + " in code without call-frame information");
        }
        return lines;
    }

    SessionResult result(Path file, Profile profile) {
        StopTimes stops = python.stops();
        return new SessionResult(
                0,
                file,
                profile,
                completeness.samples(),
                completeness.userSamples(),
                completeness.samples(WalkEnd.END_OF_STACK),
                counters.dropped() + collector.overflowed(),
                counters.nanosPerFrame(),
                stops.count(),
                stops.medianNanos(),
                stops.maxNanos());
    }
}
