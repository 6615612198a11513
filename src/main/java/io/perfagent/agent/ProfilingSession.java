package io.perfagent.agent;

import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.output.PprofEncoder;
import io.perfagent.output.ProfileDestination;
import io.perfagent.process.LiveProcess;
import io.perfagent.sample.SampleSink;
import io.perfagent.symbolize.Symbolizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One run, from targets to file; the only place that wires the stages.
 *
 * <pre>
 *   targets ─→ load the walker, its tables ┐
 *          └─→ switch trampolines on       ├─→ sample ─→ switch off ─→ name ─→ write
 *                                                └─→ switch on what comes up
 * </pre>
 *
 * Whatever ends the run, a signal or a failure, goes through the same way out: sampling ends, trampolines are switched off, what
 * was opened is closed.
 */
public final class ProfilingSession {
    /** Of given processes there is little to learn and to show between two looks. */
    private static final long TICK_NANOS = 500_000_000;

    private static final long TICK_NANOS_OF_ALL = 250_000_000;
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

    /** Profiles and writes the file. */
    public SessionResult run() throws CannotStartException {
        Targets chosen = Targets.of(request, log);
        List<LiveProcess> targets = chosen.given();
        ProfileDestination destination = OutputName.of(request, targets, LocalDateTime.now(ZoneId.systemDefault()));
        destination.check();
        try (Symbolizer symbolizer = new Symbolizer(budget);
                PythonTargets python = new PythonTargets(request, log)) {
            try (Sampling sampling = start(python, chosen)) {
                Instant began = Instant.now();
                Duration took = sample(sampling, symbolizer, python, targets);
                sampling.stop();
                python.deactivate();
                python.summary();
                return write(destination, symbolizer, sampling, python, began, took);
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

    private Duration sample(Sampling sampling, Symbolizer symbolizer, PythonTargets python, List<LiveProcess> targets)
            throws IOException {
        long began = System.nanoTime();
        long end = began + request.duration().toNanos();
        sampling.tellSymbolizer(symbolizer);
        long tick = request.allProcesses() ? TICK_NANOS_OF_ALL : TICK_NANOS;
        try (StatusLine status = new StatusLine(log)) {
            long left = end - System.nanoTime();
            while (left > 0 && !stop.await(Math.min(left, tick)) && anyAlive(sampling, targets)) {
                sampling.refresh();
                python.check();
                python.boundMaps();
                sampling.show(status, Duration.ofNanos(System.nanoTime() - began), request.duration());
                left = end - System.nanoTime();
            }
        }
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private boolean anyAlive(Sampling sampling, List<LiveProcess> targets) {
        for (LiveProcess target : targets) {
            if (target.alive()) {
                return true;
            }
        }
        return request.allProcesses() || sampling.anyRunning();
    }

    private SessionResult write(
            ProfileDestination destination,
            Symbolizer symbolizer,
            Sampling sampling,
            PythonTargets python,
            Instant began,
            Duration took)
            throws IOException, CannotStartException {
        List<StackCount> stacks = sampling.name(symbolizer);
        RunReport report = new RunReport(
                request,
                sampling.collector(),
                sampling.counters(),
                sampling.walks(),
                sampling.startCost(),
                sampling.missed(),
                stacks,
                symbolizer.perfMapLinesLeftOut(),
                python);
        Profile profile = new Profile(began, took, request.sampleRate(), stacks, report.comments());
        Path file = destination.write(out -> PprofEncoder.write(profile, out));
        report.print(log, file);
        return report.result(file, profile);
    }
}
