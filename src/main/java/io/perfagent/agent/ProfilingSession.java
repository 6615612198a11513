package io.perfagent.agent;

import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.python.life.PythonTargets;
import io.perfagent.report.Log;
import io.perfagent.report.StatusLine;
import io.perfagent.sample.SampleSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One run, from targets to files; the only place that wires the stages. It is a series of intervals, usually of one.
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
    private final UnaryOperator<SampleSink> way;
    private final Budget budget = Budget.ofHeap();

    /**
     * A run that has not begun.
     *
     * @param request checked by {@link Preconditions}
     * @param stop ends it early
     * @param log takes its lines
     */
    public ProfilingSession(ProfileRequest request, StopSignal stop, Log log) {
        this(request, stop, log, UnaryOperator.identity());
    }

    /**
     * The same, for tests of what a fault does.
     *
     * @param way what samples pass through before they are counted
     */
    ProfilingSession(ProfileRequest request, StopSignal stop, Log log, UnaryOperator<SampleSink> way) {
        this.request = request;
        this.stop = stop;
        this.log = log;
        this.way = way;
    }

    /** Profiles and writes the files; the result is that of the last one. */
    public SessionResult run() throws CannotStartException {
        Targets chosen = Targets.of(request, log);
        List<LiveProcess> targets = chosen.given();
        Deliveries deliveries = new Deliveries(request, log, targets);
        deliveries.check();
        try (PythonTargets python = new PythonTargets(request, log)) {
            try (Sampling sampling = start(python, chosen)) {
                deliveries.begin();
                sample(sampling, python, targets, deliveries);
                deliveries.end();
                sampling.stop();
                python.deactivate();
                python.summary();
                return deliveries.last(sampling, python);
            }
        } catch (IOException e) {
            throw new CannotStartException("profiling failed: " + e.getMessage(), e);
        }
    }

    /** Loads the walker while the targets' trampolines are switched on; samples only when both are done. With -a nothing is waited for. */
    private Sampling start(PythonTargets python, Targets chosen) throws IOException, CannotStartException {
        SamplingLoader loading = new SamplingLoader(request, chosen.given(), budget, way, python::watch);
        try {
            python.activate(chosen.given(), () -> open(chosen), loading::await);
            Sampling sampling = loading.get();
            letCallsEnd();
            sampling.start(request.sampleRate());
            python.follow(sampling);
            return sampling;
        } catch (IOException | CannotStartException | RuntimeException | Error e) {
            loading.close();
            throw e;
        }
    }

    private void open(Targets chosen) {
        log.line(chosen.opening(request));
        Rights.tell(request, log);
    }

    /** Calls under way when a trampoline goes on stay without names, and would hide the callers' names of the first samples. */
    private void letCallsEnd() {
        if (request.injectPython() && !request.allProcesses()) {
            boolean _ = stop.await(SETTLE_NANOS);
        }
    }

    private void sample(Sampling sampling, PythonTargets python, List<LiveProcess> targets, Deliveries deliveries)
            throws IOException, CannotStartException {
        long began = System.nanoTime();
        Cadence cadence = Cadence.of(request, began);
        try (StatusLine status = new StatusLine(log)) {
            while (!cadence.isOver(System.nanoTime())
                    && !stop.await(cadence.nextLook(System.nanoTime()))
                    && anyAlive(sampling, targets)) {
                sampling.check();
                python.check();
                python.boundMaps();
                Recorder.Progress progress = sampling.progress();
                status.update(
                        Duration.ofNanos(System.nanoTime() - began),
                        request.duration(),
                        progress.samples(),
                        progress.completeOfAll());
                if (cadence.isTimeToCut(System.nanoTime())) {
                    deliveries.next(sampling, python);
                    Deliveries.forgetLast();
                }
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
