package io.perfagent.report;

import io.perfagent.model.Event;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.RunAccount;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.Written;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** The truth of an interval: every sample lost, cut or unnamed by cause, beside what the run cost. For stderr and for the profile. */
public final class RunReport {
    private final ProfileRequest request;
    private final RunFacts facts;
    private final SamplerCounters counters;
    private final Completeness completeness;
    private final Naming naming;
    private final LinesLeftOut mapLines;

    public RunReport(ProfileRequest request, RunFacts facts) {
        this.request = request;
        this.facts = facts;
        this.counters = facts.counters();
        this.completeness = facts.completeness();
        this.naming = facts.naming();
        this.mapLines = facts.mapLines();
    }

    /** The profile's comments. Viewers show all of them above each view: one says who wrote it, one how the run went. */
    public List<String> comments() {
        RunAccount account = account();
        List<String> run = new ArrayList<>(List.of(account.taken(), account.complete()));
        run.addAll(account.lost());
        run.addAll(account.python());
        run.addAll(account.cost());
        return List.of(String.join("; ", account.origin()), String.join("; ", run));
    }

    /** The same by what it is of. */
    public RunAccount account() {
        List<String> origin = new ArrayList<>(List.of("perf-agent " + Release.version()));
        request.tags().forEach(tag -> origin.add("tag: " + tag));
        return new RunAccount(
                origin,
                taken(),
                completeness.line(),
                lost(),
                facts.python(),
                List.of(walkLine(), AgentCost.now().line()));
    }

    /** The lines at the end of the run. */
    public void print(Log log, List<Written> written) {
        details().forEach(line -> log.detail(line));
        switch (facts.event()) {
            case CPU_CLOCK -> {}
            case OFF_CPU -> List.of(waits().measured(), waits().estimated()).forEach(line -> log.line(line));
            case WALL -> wall().summary().forEach(line -> log.line(line));
        }
        hints().forEach(line -> log.line(line));
        printWritten(log, written);
        if (facts.event() != Event.CPU_CLOCK) {
            new WakerLines(facts.stacks()).lines().forEach(line -> log.line(line));
            gil().lines().forEach(line -> log.line(line));
        }
        new ClosingLines(facts.event(), facts.stacks()).of(lost(), written).forEach(line -> log.line(line));
    }

    /** A line for each file that is written. */
    public void printWritten(Log log, List<Written> written) {
        for (Written one : written) {
            log.line(
                    "profile written",
                    "file",
                    one.file(),
                    "samples",
                    completeness.samples(),
                    "complete",
                    completeness.percent(),
                    "dropped",
                    dropped());
        }
    }

    private String taken() {
        String samples = "samples: " + completeness.samples() + " taken, " + dropped() + " dropped";
        return switch (facts.event()) {
            case CPU_CLOCK -> samples;
            case OFF_CPU -> samples + "; " + waits().measured();
            case WALL -> samples + "; " + wall().measured();
        };
    }

    private WaitLines waits() {
        return new WaitLines(Objects.requireNonNull(request.waits()), facts.waits(), facts.open(), facts.stacks());
    }

    private GilLines gil() {
        return new GilLines(facts.gil(), facts.duration());
    }

    private WallLines wall() {
        return new WallLines(facts.wall(), facts.stacks());
    }

    private long dropped() {
        return facts.dropped();
    }

    /** What to do where a run shows nothing of what was wanted. */
    private List<String> hints() {
        if (facts.event() == Event.OFF_CPU) {
            return completeness.samples() == 0 ? List.of(waits().none()) : List.of();
        }
        if (facts.event() == Event.WALL) {
            return facts.stacks().isEmpty() ? List.of(WallLines.NONE) : facts.remedies();
        }
        if (completeness.samples() == 0 && request.sampled().kind() != SampledEvent.Kind.CLOCK) {
            return List.of("no samples: while the run lasted the targets had none of the event "
                    + request.sampled().name() + ", or fewer than the period");
        }
        if (completeness.samples() == 0) {
            return List.of("no samples: "
                    + (request.pids().size() == 1 ? "the process was on no CPU" : "no process was on a CPU")
                    + " when one was due; one that waits or is idle has samples when it has work:"
                    + " profile it then, or with a longer --duration");
        }
        if (facts.pythonActivated() && naming.pythonFunctions() == 0) {
            return List.of("no sample has the name of a Python function: " + whyNoPythonName());
        }
        return Stream.concat(facts.remedies().stream(), MadeCodeHints.of(facts.stacks()).stream())
                .toList();
    }

    /** A function gets its line in the map when it is called first with the trampoline on, and never again. */
    private String whyNoPythonName() {
        boolean withoutLine = naming.unnamed(SymbolMiss.NO_PERF_MAP) > 0 || naming.unnamed(SymbolMiss.NO_MAP_ENTRY) > 0;
        return withoutLine
                ? "the code that samples hit has no line in the process's perf map; where that was removed since an earlier"
                        + " run, functions called before stay without names until the process is started anew"
                : "only those get one that are called after the trampoline is on, and those that samples hit have been"
                        + " running since before; a longer --duration may help";
    }

    /** The walker's own figures. */
    private List<String> details() {
        List<String> lines = new ArrayList<>();
        lines.add(walkLine());
        lines.addAll(walkedOn());
        if (mapLines.empty() > 0) {
            lines.add("perf maps: entries of size 0: " + mapLines.empty());
        }
        lines.addAll(facts.start().lines());
        lines.add(AgentCost.now().line());
        return lines;
    }

    private String walkLine() {
        return counters.pythonFrames() == 0 ? walked() : walked() + "; " + read();
    }

    private String read() {
        return String.format(
                Locale.ROOT,
                "Python frames: %d read, %.1f ns each",
                counters.pythonFrames(),
                (double) counters.pythonNanos() / counters.pythonFrames());
    }

    private String walked() {
        return String.format(
                Locale.ROOT,
                "walk: %.1f ns per frame over %d frames of %d samples, %.1f us of kernel time per sample",
                counters.nanosPerFrame(),
                counters.userFrames(),
                counters.samples(),
                counters.samples() == 0 ? 0 : counters.programNanos() / 1e3 / counters.samples());
    }

    /** Samples whose code became known only after they were taken. */
    private List<String> walkedOn() {
        long leftOut = counters.copiesLeftOut();
        if (counters.copies() == 0 && leftOut == 0) {
            return List.of();
        }
        return List.of("walked on in user space: " + facts.rewalked().walked()
                + " samples of code that was not known yet, "
                + facts.rewalked().completed() + " of them complete now; copies of stacks left out: " + leftOut
                + " because the ring was too full, " + facts.withoutMemory() + " because memory for them was full");
    }

    /** Samples and callers that are missing, frames without a name or a rule, and processes that cannot be seen; one line a cause. */
    private List<String> lost() {
        List<String> lines = new ArrayList<>();
        if (counters.dropped() > 0) {
            lines.add("dropped: " + counters.dropped() + " samples because the ring was full");
        }
        if (facts.overflowed() > 0) {
            lines.add("dropped: " + facts.overflowed() + " samples because memory for stacks was full");
        }
        if (facts.event() != Event.CPU_CLOCK) {
            lines.addAll(waits().lost());
            lines.addAll(gil().lost());
            lines.addAll(new WakerLines(facts.stacks()).lost());
        }
        if (facts.event() == Event.WALL) {
            lines.addAll(wall().lost(facts.waits(), Objects.requireNonNull(request.waits())));
        }
        if (counters.nested() > 0) {
            lines.add("left out: " + counters.nested() + " samples that hit the taking of another sample");
        }
        lines.addAll(completeness.cuts());
        lines.addAll(facts.pythonReading().lines());
        lines.addAll(facts.missed());
        lines.addAll(naming.lines());
        lines.addAll(leftOutOfMaps());
        if (counters.outside() > 0) {
            lines.add("left out: " + counters.outside() + " samples of processes outside of this PID namespace");
        }
        long guessed = counters.guessed() + facts.rewalked().guessed();
        if (guessed > 0) {
            lines.add("guessed frames: " + guessed + " of "
                    + (counters.userFrames() + facts.rewalked().frames())
                    + " user frames in code without call-frame information");
        }
        return lines;
    }

    private List<String> leftOutOfMaps() {
        List<String> lines = new ArrayList<>();
        if (mapLines.damaged() > 0) {
            lines.add("perf maps: damaged lines left out: " + mapLines.damaged());
        }
        if (mapLines.beyondLimit() > 0) {
            lines.add("perf maps: lines beyond the limit left out: " + mapLines.beyondLimit());
        }
        if (mapLines.bytesBeyondLimit() > 0) {
            lines.add("perf maps: bytes beyond the limit left out: " + mapLines.bytesBeyondLimit());
        }
        return lines;
    }
}
