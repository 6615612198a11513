package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.StackCount;
import io.perfagent.model.Written;
import io.perfagent.profile.GilSummary;
import io.perfagent.profile.Interval;
import io.perfagent.profile.Naming;
import io.perfagent.python.StopTimes;
import io.perfagent.python.life.PythonTargets;
import io.perfagent.report.RunFacts;
import io.perfagent.report.RunReport;
import io.perfagent.symbolize.Namer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Cuts intervals off and has them named and delivered, each with what was counted in it. For one thread. */
final class Deliveries {
    private static final long FORGET_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Within an interval: a run of some seconds is not to pay for it. */
    private static final long LOOK_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** A collection takes some 20 ms of a processor: less is left to those of the young, which cost a tenth of that. */
    private static final long LEFT_BEHIND_BYTES = 8 << 20;

    private static final int MOST_PARTS = 8;

    private final ProfileRequest request;
    private final Recipient recipient;
    /** Of the current interval, those that were cut off before its end. */
    private final List<List<Delivery>> parts = new ArrayList<>();

    /** CLOCK_MONOTONIC, of the current interval. */
    private long beganNanos;

    private long ended;
    private long forgotAt;
    /** Of the heap, after that. */
    private long keptBytes;

    private Cut before = Cut.NOTHING;

    Deliveries(ProfileRequest request, Recipient recipient) {
        this.request = request;
        this.recipient = recipient;
    }

    /**
     * The first interval has begun.
     *
     * @param nanos CLOCK_MONOTONIC, when
     */
    void begin(long nanos) {
        beganNanos = nanos;
        forgotAt = nanos;
    }

    /** The last one ends: what is done from now on is no part of the run's time. */
    void end() {
        ended = System.nanoTime();
    }

    /** Delivers what was counted since the last cut; the run goes on. */
    void next(Sampling sampling, PythonTargets python) throws CannotStartException {
        recipient.next(deliver(sampling, python));
        forget(FORGET_PAUSE_NANOS);
    }

    /** The interval goes on: what samples have left behind that had to wait for others, as for those of wakers, goes too. */
    void look() {
        forget(LOOK_PAUSE_NANOS);
    }

    /** Cuts off what the current interval has so far, for those who want a part of it. It stays a part of the interval. */
    void part(Sampling sampling, PythonTargets python) throws CannotStartException {
        parts.add(piece(sampling, python));
    }

    /** Whether there is room for one more; each has stacks of its own. */
    boolean mayBeParted() {
        return parts.size() < MOST_PARTS;
    }

    /** Delivers the last interval of a run that has ended. */
    SessionResult last(Sampling sampling, PythonTargets python) throws CannotStartException {
        List<Delivery> deliveries = deliver(sampling, python);
        return result(deliveries, recipient.last(deliveries), python.stops());
    }

    /** What intervals have left behind goes soon: the heap grows to its bound before the virtual machine looks for it by itself. */
    private void forget(long pauseNanos) {
        boolean due = recipient.letsCollect() && System.nanoTime() - forgotAt >= pauseNanos;
        if (due && usedBytes() - keptBytes >= LEFT_BEHIND_BYTES) {
            System.gc();
            forgotAt = System.nanoTime();
            keptBytes = usedBytes();
        }
    }

    private static long usedBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private List<Delivery> deliver(Sampling sampling, PythonTargets python) throws CannotStartException {
        List<Delivery> whole = piece(sampling, python);
        for (List<Delivery> earlier : parts.reversed()) {
            whole = both(earlier, whole);
        }
        parts.clear();
        return whole;
    }

    private List<Delivery> both(List<Delivery> earlier, List<Delivery> later) {
        List<StackCount> stacks = Stream.concat(earlier.stream(), later.stream())
                .flatMap(delivery -> delivery.facts().stacks().stream())
                .toList();
        List<Delivery> both = new ArrayList<>();
        for (int at = 0; at < earlier.size(); at++) {
            Profile first = earlier.get(at).profile();
            Duration duration = first.duration().plus(later.get(at).profile().duration());
            RunFacts sum = earlier.get(at).facts().plus(later.get(at).facts());
            RunFacts facts = sum.over(duration, locks(sum.event(), stacks));
            both.add(delivery(facts, Missed.NOTHING, first.start(), first.startNanos(), duration));
        }
        return both;
    }

    /** What came since the last cut, of each event one. */
    private List<Delivery> piece(Sampling sampling, PythonTargets python) throws CannotStartException {
        Namer.Named<Cut> named = sampling.cut();
        Cut cut = named.cut();
        long until = ended == 0 || request.waits() != null ? cut.nanos() : ended;
        List<Delivery> deliveries = request.events().stream()
                .map(event -> delivery(
                        facts(event, named, sampling, python, until),
                        cut.missed().since(before.missed()),
                        wallClock(beganNanos),
                        beganNanos,
                        Duration.ofNanos(until - beganNanos)))
                .toList();
        before = cut;
        beganNanos = until;
        recipient.part(deliveries);
        return deliveries;
    }

    private Delivery delivery(RunFacts facts, Missed missed, Instant start, long startNanos, Duration duration) {
        RunReport report = new RunReport(request, facts);
        Profile profile = new Profile(
                start,
                startNanos,
                duration,
                request.measure(facts.event()),
                facts.stacks(),
                report.comments(),
                report.account());
        return new Delivery(facts, profile, missed);
    }

    private RunFacts facts(Event event, Namer.Named<Cut> named, Sampling sampling, PythonTargets python, long until) {
        Cut cut = named.cut();
        Interval interval = cut.interval();
        List<StackCount> stacks = named.stacks().stream()
                .filter(stack -> event.has(stack.state()))
                .toList();
        Naming naming = Naming.of(event, stacks);
        return new RunFacts(
                event,
                stacks,
                naming,
                interval.completeness(event),
                interval.python(event),
                interval.own(event),
                interval.overflowed(event),
                interval.withoutMemory(event),
                cut.counters(event).since(before.counters(event)),
                cut.rewalked().since(before.rewalked()),
                cut.missed().since(before.missed()).lines(interval.strangers()),
                sampling.linesLeftOut(),
                sampling.startCost(),
                python.comments(naming.pythonFunctions()),
                python.anyActivated(),
                cut.waits().since(before.waits()),
                locks(event, named.stacks()),
                Duration.ofNanos(until - beganNanos),
                cut.open(),
                interval.wall(),
                Rights.remedies(naming));
    }

    /** What became of CPython's locks, which waits tell. */
    private List<GilSummary> locks(Event event, List<StackCount> stacks) {
        return event != Event.CPU_CLOCK ? GilSummary.of(stacks, tick()) : List.of();
    }

    /** Nanoseconds that a count of a running thread stands for; 0 where that is none of a clock. */
    private long tick() {
        if (request.events().contains(Event.WALL)) {
            return 1;
        }
        boolean clock =
                request.events().contains(Event.CPU_CLOCK) && request.sampled().kind() == SampledEvent.Kind.CLOCK;
        return clock ? 1_000_000_000L / request.sampleRate() : 0;
    }

    /** As the clock goes now: it may have been set since the run began. */
    private static Instant wallClock(long nanos) {
        return Instant.now().minusNanos(System.nanoTime() - nanos);
    }

    private static SessionResult result(List<Delivery> deliveries, List<Written> written, StopTimes stops) {
        RunFacts facts = deliveries.getFirst().facts();
        return new SessionResult(
                written,
                deliveries.stream().map(Delivery::profile).toList(),
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
