package io.perfagent.agent;

import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.python.life.PythonTargets;
import io.perfagent.report.Log;
import io.perfagent.sample.SampleSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One run, from targets to who it is for; the only place that wires the stages. It is a series of intervals, usually of one.
 *
 * <pre>
 *   targets ─→ load the walker, its tables ┐            ┌──────────────────────────────┐
 *          └─→ switch trampolines on       ├─→ sample ──┴→ cut ─→ name ─→ write ─→ … ──┘ the last cut: switch off first
 *                                                └─→ switch on what comes up
 * </pre>
 *
 * Whatever ends the run, a signal or a failure, goes through the same way out: sampling ends, trampolines are switched off, what
 * was opened is closed.
 */
public final class ProfilingSession {
    private static final long SETTLE_NANOS = 50_000_000;

    private final ProfileRequest request;
    private final StopSignal stop;
    private final Log log;
    private final Audience audience;
    private final UnaryOperator<SampleSink> way;
    private final Budget budget = Budget.ofHeap();

    /** Makes the one who a run is for. */
    @FunctionalInterface
    interface Audience {
        Recipient of(ProfileRequest request, Targets targets, Log log);
    }

    /**
     * A run that has not begun, and writes files.
     *
     * @param request checked by {@link Preconditions}
     * @param stop ends it early
     * @param log takes its lines
     */
    public ProfilingSession(ProfileRequest request, StopSignal stop, Log log) {
        this(request, stop, log, FileSeries::new, UnaryOperator.identity());
    }

    /** The same for another audience. */
    ProfilingSession(ProfileRequest request, StopSignal stop, Log log, Audience audience) {
        this(request, stop, log, audience, UnaryOperator.identity());
    }

    /**
     * The same, for tests of what a fault does.
     *
     * @param way what samples pass through before they are counted
     */
    ProfilingSession(ProfileRequest request, StopSignal stop, Log log, UnaryOperator<SampleSink> way) {
        this(request, stop, log, FileSeries::new, way);
    }

    ProfilingSession(
            ProfileRequest request, StopSignal stop, Log log, Audience audience, UnaryOperator<SampleSink> way) {
        this.request = request;
        this.stop = stop;
        this.log = log;
        this.audience = audience;
        this.way = way;
    }

    /** Profiles and delivers; the result is that of the last interval. */
    public SessionResult run() throws CannotStartException {
        Targets targets = Targets.of(request, log);
        try (Recipient recipient = audience.of(request, targets, log)) {
            recipient.check();
            return run(targets, recipient);
        } catch (IOException e) {
            throw new CannotStartException("profiling failed: " + e.getMessage(), e);
        }
    }

    private SessionResult run(Targets targets, Recipient recipient) throws IOException, CannotStartException {
        Deliveries deliveries = new Deliveries(request, recipient);
        try (PythonTargets python = new PythonTargets(request, log)) {
            try (Sampling sampling = start(python, targets, recipient)) {
                deliveries.begin(sampling.startedAt());
                recipient.begin();
                sample(sampling, python, targets, recipient, deliveries);
                deliveries.end();
                recipient.end();
                sampling.stop();
                python.deactivate();
                python.summary();
                return deliveries.last(sampling, python);
            }
        }
    }

    /** Loads the walker while the targets' trampolines are switched on; samples only when both are done. With -a nothing is waited for. */
    private Sampling start(PythonTargets python, Targets chosen, Recipient recipient)
            throws IOException, CannotStartException {
        SamplingLoader loading = new SamplingLoader(request, chosen.given(), budget, way, python::watch);
        try {
            python.activate(chosen.given(), recipient::opened, loading::await);
            Sampling sampling = loading.get();
            letCallsEnd();
            sampling.start();
            python.follow(sampling);
            return sampling;
        } catch (IOException | CannotStartException | RuntimeException | Error e) {
            loading.close();
            throw e;
        }
    }

    /** Calls under way when a trampoline goes on stay without names, and would hide the callers' names of the first samples. */
    private void letCallsEnd() {
        if (request.injectPython() && !request.allProcesses()) {
            boolean _ = stop.await(SETTLE_NANOS);
        }
    }

    private void sample(
            Sampling sampling, PythonTargets python, Targets targets, Recipient recipient, Deliveries deliveries)
            throws IOException, CannotStartException {
        long began = System.nanoTime();
        Cadence cadence = Cadence.of(request, began);
        while (!cadence.isOver(System.nanoTime())
                && !stop.await(cadence.nextLook(System.nanoTime()))
                && anyAlive(sampling, targets.given())) {
            sampling.check();
            python.check();
            python.boundMaps();
            recipient.look(Duration.ofNanos(System.nanoTime() - began), sampling.progress());
            boolean asked = recipient.wantsInterval();
            if (cadence.isTimeToCut(System.nanoTime()) || asked) {
                deliveries.next(sampling, python);
            } else if (recipient.wantsPart() && deliveries.mayBeParted()) {
                deliveries.part(sampling, python);
            } else {
                deliveries.look();
            }
        }
    }

    private boolean anyAlive(Sampling sampling, List<LiveProcess> targets) {
        for (LiveProcess target : targets) {
            if (target.alive()) {
                return true;
            }
        }
        return request.allProcesses() || sampling.anyRunning();
    }
}
