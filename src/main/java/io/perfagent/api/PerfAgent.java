package io.perfagent.api;

import io.perfagent.agent.FinishedProfile;
import io.perfagent.agent.IntervalSession;
import io.perfagent.agent.IntervalTaker;
import io.perfagent.agent.StopSignal;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.report.Log;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A profiler of processes of this machine, which is in this process.
 *
 * <pre>{@code
 * try (PerfAgent agent = PerfAgent.builder().pids(4711).build()) {
 *     agent.start();
 *     Thread.sleep(10_000);
 *     Files.write(Path.of("ten-seconds.pb.gz"), agent.cut().profile("on-cpu").pprof());
 * }
 * }</pre>
 *
 * <p>It needs root, or the capabilities that {@code perf-agent} needs (CAP_BPF and CAP_PERFMON, CAP_SYS_PTRACE for processes of others), and a
 * virtual machine that was started with {@code --enable-native-access=io.perfagent}. A run is used once. Methods may be called on any thread;
 * those that wait may not be called by a {@linkplain PerfAgentListener listener}. Targets are only read: nothing in them is changed, and
 * nothing is left behind whatever ends this process.
 */
public final class PerfAgent implements AutoCloseable {
    private final StopSignal stop;
    private final IntervalSession session;
    private final PerfAgentListener listener;
    private final AtomicBoolean used = new AtomicBoolean();
    private final CompletableFuture<Boolean> began = new CompletableFuture<>();
    private final CompletableFuture<FinishedInterval> last = new CompletableFuture<>();
    /** Of those who wait for an interval that has not been cut yet; guarded by this, as is whether there are any. */
    private CompletableFuture<FinishedInterval> next = new CompletableFuture<>();

    private boolean wanted;
    private volatile Thread runner = Thread.currentThread();

    PerfAgent(ProfileRequest request, StopSignal stop, PerfAgentListener listener) {
        this.stop = stop;
        this.listener = listener;
        PrintStream lines = new PrintStream(new WarningLines(listener::warning), true, StandardCharsets.UTF_8);
        this.session = new IntervalSession(request, stop, new Log(lines), false);
    }

    private PerfAgent(StopSignal stop, IntervalSession session) {
        this.stop = stop;
        this.session = session;
        this.listener = new PerfAgentListener() {};
    }

    /** Settings of a run. */
    public static PerfAgentBuilder builder() {
        return new PerfAgentBuilder();
    }

    /** A run that writes files and tells of itself, for this module's own commands: nobody else can name the types. */
    @SuppressWarnings("exports")
    public static PerfAgent ofCommand(ProfileRequest request, StopSignal stop, Log log) {
        return new PerfAgent(stop, new IntervalSession(request, stop, log, true));
    }

    /**
     * Starts sampling on a thread of its own, which does not keep the virtual machine from ending. Returns when samples are taken, a second or so
     * later.
     *
     * @throws PerfAgentException where that is not possible; nothing is left of it then
     * @throws IllegalStateException where it was started before
     */
    public void start() throws PerfAgentException, InterruptedException {
        use();
        Thread thread = Thread.ofPlatform().name("perf-agent-run").daemon().unstarted(this::runAlone);
        runner = thread;
        thread.start();
        await(CompletableFuture.anyOf(began, last));
    }

    /**
     * The same on the calling thread: returns the last interval when the run has ended, by its targets' end, its duration or {@link
     * #requestStop}.
     */
    public FinishedInterval run() throws PerfAgentException {
        use();
        runner = Thread.currentThread();
        return runHere();
    }

    private FinishedInterval runHere() throws PerfAgentException {
        Handover handover = new Handover();
        try {
            session.run(handover);
            boolean _ = last.complete(handover.latest());
            return handover.latest();
        } catch (CannotStartException e) {
            boolean _ = last.completeExceptionally(e);
            throw failure(e);
        } catch (RuntimeException | Error e) {
            boolean _ = last.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Ends the interval and begins the next. Takes up to half a second, and the time that naming the stacks takes.
     *
     * @return what came since the last cut, or since the start; where the run has ended meanwhile, its {@linkplain FinishedInterval#last last}
     *     interval, again if need be
     * @throws PerfAgentException where the run could not go on
     */
    public FinishedInterval cut() throws PerfAgentException, InterruptedException {
        requireOtherThread();
        CompletableFuture<FinishedInterval> asked;
        synchronized (this) {
            asked = next;
            wanted = true;
        }
        await(CompletableFuture.anyOf(asked, last));
        return result(asked.isDone() ? asked : last);
    }

    /** Ends the run, and returns its last interval. May be called again, and after the run has ended by itself. */
    public FinishedInterval stop() throws PerfAgentException, InterruptedException {
        requestStop();
        return await();
    }

    /** Has the run end, and does not wait for that. A listener may call it. */
    public void requestStop() {
        if (!last.isDone()) {
            stop.request();
        }
    }

    /** Waits until the run has ended by itself or by somebody's wish, and returns its last interval. */
    public FinishedInterval await() throws PerfAgentException, InterruptedException {
        requireOtherThread();
        await(last);
        return result(last);
    }

    /** Ends the run and waits until nothing is left of it, whatever came of it. */
    @Override
    public void close() {
        requestStop();
        if (used.get() && Thread.currentThread() != runner) {
            try {
                runner.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void use() {
        if (used.getAndSet(true)) {
            throw new IllegalStateException("a run is used once: build another");
        }
    }

    private void requireOtherThread() {
        if (!used.get()) {
            throw new IllegalStateException("the run has not been started");
        }
        if (Thread.currentThread() == runner && !last.isDone()) {
            throw new IllegalStateException("a listener cannot wait for the run that it is called by");
        }
    }

    private void runAlone() {
        try {
            FinishedInterval _ = runHere();
        } catch (PerfAgentException | RuntimeException | Error _) {
            // is kept for those who wait for the end
        }
    }

    private static void await(CompletableFuture<?> future) throws PerfAgentException, InterruptedException {
        try {
            Object _ = future.get();
        } catch (ExecutionException _) {
            throw failure(future.exceptionNow());
        }
    }

    private static <T> T result(CompletableFuture<T> done) throws PerfAgentException {
        if (done.isCompletedExceptionally()) {
            throw failure(done.exceptionNow());
        }
        return done.resultNow();
    }

    private static PerfAgentException failure(Throwable cause) {
        if (cause instanceof CannotStartException e) {
            return new PerfAgentException(String.valueOf(e.getMessage()), e);
        }
        throw new IllegalStateException("the run has failed: " + cause, cause);
    }

    /** Takes intervals to whoever waits for one. On the run's thread. */
    private final class Handover implements IntervalTaker {
        private @Nullable FinishedInterval latest;
        private CompletableFuture<FinishedInterval> answer =
                new CompletableFuture<>(); // to those whose interval was cut last

        @Override
        public void began() {
            boolean _ = began.complete(true);
        }

        @Override
        public boolean wantsInterval() {
            synchronized (PerfAgent.this) {
                if (!wanted) {
                    return false;
                }
                wanted = false;
                answer = next;
                next = new CompletableFuture<>();
                return true;
            }
        }

        @Override
        public void finished(List<FinishedProfile> profiles, Map<String, Long> missed, boolean isLast) {
            Profile first = profiles.getFirst().profile();
            FinishedInterval interval = new FinishedInterval(
                    first.start(),
                    first.duration(),
                    profiles.stream().map(EventProfile::new).toList(),
                    missed,
                    isLast);
            latest = interval;
            listener.intervalFinished(interval);
            boolean _ = answer.complete(interval);
        }

        FinishedInterval latest() {
            return Objects.requireNonNull(latest);
        }
    }
}
