package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.Written;
import io.perfagent.output.Export;
import io.perfagent.process.LiveProcess;
import io.perfagent.profile.Interval;
import io.perfagent.profile.Naming;
import io.perfagent.python.StopTimes;
import io.perfagent.python.life.PythonTargets;
import io.perfagent.report.Log;
import io.perfagent.report.RunFacts;
import io.perfagent.report.RunReport;
import io.perfagent.symbolize.Namer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Cuts intervals off and has them named and written, each with what was counted in it. For one thread. */
final class Deliveries {
    private final ProfileRequest request;
    private final Log log;
    private final OutputNames names;
    private List<Export> exports;
    private Instant began = Instant.EPOCH;
    private long runBegan;
    /** CLOCK_MONOTONIC, of the current interval. */
    private long beganNanos;

    private long ended;
    private SamplerCounters counted = SamplerCounters.NONE;
    private RewalkCounters rewalked = RewalkCounters.NONE;
    private Missed missed = Missed.NOTHING;
    private int delivered;

    /** An interval as it is delivered. */
    private record Delivery(RunFacts facts, RunReport report, Profile profile, List<Written> written) {}

    Deliveries(ProfileRequest request, Log log, List<LiveProcess> targets) {
        this.request = request;
        this.log = log;
        this.names = new OutputNames(request, targets);
        this.exports = names.next();
    }

    /** Finds out whether the first files could be written. */
    void check() throws CannotStartException {
        names.check();
        for (Export export : exports) {
            export.check();
        }
    }

    /** The first interval begins. */
    void begin() {
        began = Instant.now();
        runBegan = System.nanoTime();
        beganNanos = runBegan;
    }

    /** The last one ends: what is done from now on is no part of the run's time. */
    void end() {
        ended = System.nanoTime();
    }

    /** Delivers what was counted since the last cut; the run goes on. */
    void next(Sampling sampling, PythonTargets python) throws CannotStartException {
        Delivery delivery = deliver(sampling, python);
        delivery.report.printWritten(log, delivery.written);
        exports = names.next();
    }

    /** What an interval has left behind goes at once: the heap grows to its bound before the virtual machine looks for it by itself. */
    static void forgetLast() {
        System.gc();
    }

    /** Delivers the last interval of a run that has ended. */
    SessionResult last(Sampling sampling, PythonTargets python) throws CannotStartException {
        Delivery delivery = deliver(sampling, python);
        delivery.report.print(log, delivery.written);
        tellSeries();
        return result(delivery, python.stops());
    }

    /** What was said before this is of the last interval. */
    private void tellSeries() {
        if (request.every() != null) {
            log.line(
                    "series written",
                    "profiles",
                    delivered,
                    "samples",
                    counted.samples() - counted.dropped(),
                    "dropped",
                    counted.dropped());
        }
    }

    private Delivery deliver(Sampling sampling, PythonTargets python) throws CannotStartException {
        Namer.Named<Cut> named = sampling.cut();
        Cut cut = named.cut();
        Interval interval = cut.interval();
        Naming naming = Naming.of(named.stacks());
        RunFacts facts = new RunFacts(
                named.stacks(),
                naming,
                interval.completeness(),
                interval.python(),
                interval.overflowed(),
                interval.withoutMemory(),
                cut.counters().since(counted),
                cut.rewalked().since(rewalked),
                cut.missed().since(missed).lines(interval.strangers()),
                sampling.linesLeftOut(),
                sampling.startCost(),
                python.comments(naming.pythonFunctions()),
                python.anyActivated(),
                Rights.remedies(naming));
        RunReport report = new RunReport(request, facts);
        long until = ended == 0 ? cut.nanos() : ended;
        Profile profile = new Profile(
                wallClock(beganNanos),
                beganNanos,
                Duration.ofNanos(until - beganNanos),
                request.sampleRate(),
                named.stacks(),
                report.comments(),
                report.account());
        counted = cut.counters();
        rewalked = cut.rewalked();
        missed = cut.missed();
        beganNanos = until;
        delivered++;
        return new Delivery(facts, report, profile, write(profile));
    }

    /** What one of them fails of, the others have nevertheless. */
    private List<Written> write(Profile profile) throws CannotStartException {
        List<Written> written = new ArrayList<>();
        CannotStartException failure = null;
        for (Export export : exports) {
            try {
                written.add(export.write(profile));
            } catch (CannotStartException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return written;
    }

    private Instant wallClock(long nanos) {
        return began.plusNanos(nanos - runBegan);
    }

    private static SessionResult result(Delivery delivery, StopTimes stops) {
        RunFacts facts = delivery.facts;
        return new SessionResult(
                delivery.written.getFirst().file(),
                delivery.profile,
                facts.completeness().samples(),
                facts.completeness().userSamples(),
                facts.completeness().complete(),
                facts.dropped(),
                facts.counters().nanosPerFrame(),
                stops.count(),
                stops.medianNanos(),
                stops.maxNanos());
    }
}
