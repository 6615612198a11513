package io.perfagent.agent;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCount;
import io.perfagent.output.PprofEncoder;
import io.perfagent.output.ProfileDestination;
import io.perfagent.process.LiveProcess;
import io.perfagent.profile.Interval;
import io.perfagent.profile.Naming;
import io.perfagent.python.StopTimes;
import io.perfagent.python.life.PythonTargets;
import io.perfagent.report.Log;
import io.perfagent.report.RunFacts;
import io.perfagent.report.RunReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Cuts intervals off and has them named and written, each with what was counted in it. For one thread. */
final class Deliveries {
    private final ProfileRequest request;
    private final Log log;
    private final OutputNames names;
    private ProfileDestination destination;
    private Instant began = Instant.EPOCH;
    private long beganNanos;
    private SamplerCounters counted = SamplerCounters.NONE;
    private RewalkCounters rewalked = RewalkCounters.NONE;
    private Missed missed = Missed.NOTHING;

    /** An interval as it is delivered. */
    private record Delivery(RunFacts facts, RunReport report, Profile profile, Path file) {}

    Deliveries(ProfileRequest request, Log log, List<LiveProcess> targets) {
        this.request = request;
        this.log = log;
        this.names = new OutputNames(request, targets);
        this.destination = names.next();
    }

    /** Finds out whether the first file could be written. */
    void check() throws CannotStartException {
        if (request.every() != null) {
            names.requireFiles();
        }
        destination.check();
    }

    /** The first interval begins. */
    void begin() {
        began = Instant.now();
        beganNanos = System.nanoTime();
    }

    /** Delivers what was counted since the last cut; the run goes on. */
    void next(Sampling sampling, PythonTargets python) throws LinuxException, CannotStartException {
        Delivery delivery = deliver(sampling, python);
        delivery.report.printWritten(log, delivery.file);
        destination = names.next();
    }

    /** Delivers the last interval of a run that has ended. */
    SessionResult last(Sampling sampling, PythonTargets python) throws LinuxException, CannotStartException {
        Delivery delivery = deliver(sampling, python);
        delivery.report.print(log, delivery.file);
        return result(delivery, python.stops());
    }

    private Delivery deliver(Sampling sampling, PythonTargets python) throws LinuxException, CannotStartException {
        Interval interval = sampling.cut();
        SamplerCounters countedNow = sampling.counters();
        RewalkCounters rewalkedNow = sampling.rewalked();
        Missed missedNow = sampling.missed();
        Instant from = began;
        Duration took = Duration.ofNanos(System.nanoTime() - beganNanos);
        begin();
        List<StackCount> stacks = sampling.name(interval);
        Naming naming = Naming.of(stacks);
        RunFacts facts = new RunFacts(
                stacks,
                naming,
                interval.completeness(),
                interval.overflowed(),
                interval.withoutMemory(),
                countedNow.since(counted),
                rewalkedNow.since(rewalked),
                missedNow.since(missed).lines(interval.strangers()),
                sampling.linesLeftOut(),
                sampling.startCost(),
                python.comments(naming.pythonFunctions()),
                python.anyActivated(),
                Rights.remedies(naming));
        counted = countedNow;
        rewalked = rewalkedNow;
        missed = missedNow;
        RunReport report = new RunReport(request, facts);
        Profile profile = new Profile(from, took, request.sampleRate(), stacks, report.comments());
        return new Delivery(facts, report, profile, destination.write(out -> PprofEncoder.write(profile, out)));
    }

    private static SessionResult result(Delivery delivery, StopTimes stops) {
        RunFacts facts = delivery.facts;
        return new SessionResult(
                delivery.file,
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
