package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ContinuousRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.Written;
import io.perfagent.report.Log;
import io.perfagent.report.Seconds;
import io.perfagent.service.RunTotals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A run that goes on until somebody ends it: stretches of sampling, one after the other. One ends when settings have changed, when its
 * targets have ended, and when there are more of them; figures go on.
 *
 * <pre>
 *   settings ─→ targets ─→ sample, cut, sample, cut … ─┬─ asked to end, targets by PID have ended ─→ end
 *      ↑           ↑                                   ├─ others have the names ──┐
 *      │           └───────────────────────────────────│──────────────────────────┘
 *      └───────────────────────────────────────────────┴─ SIGHUP, and settings are others
 * </pre>
 */
public final class ContinuousSession {
    private static final long LOOK_FOR_NAMES_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ContinuousRequest first;
    private final Settings settings;
    private final StopSignal stop;
    private final ReloadSignal reload;
    private final Log log;
    private final RunTotals totals = new RunTotals();
    /** What the run goes on with where settings that have just been read cannot be used; null once those have sampled. */
    private @Nullable ContinuousRequest before;

    /** Where settings come from. */
    @FunctionalInterface
    public interface Settings {
        /** As they are now; throws where they are wrong. */
        ContinuousRequest read() throws CannotStartException;
    }

    /**
     * A run that has not begun.
     *
     * @param settings asked again when {@code reload} says so
     */
    public ContinuousSession(
            ContinuousRequest first, Settings settings, StopSignal stop, ReloadSignal reload, Log log) {
        this.first = first;
        this.settings = settings;
        this.stop = stop;
        this.reload = reload;
        this.log = log;
    }

    /** Returns when somebody has ended it, or its targets have ended. */
    public void run() throws CannotStartException {
        ContinuousRequest request = first;
        while (request != null) {
            try {
                ContinuousRequest next = stretches(request);
                before = request;
                request = next;
            } catch (CannotStartException e) {
                request = fallBack(e);
            }
        }
        log.line(
                "run ended",
                "intervals",
                totals.sum("intervals_total"),
                "samples",
                totals.sum("samples_total"),
                "own",
                totals.sum("own_samples_total"),
                "outside",
                totals.sum("outside_samples_total"),
                "lost",
                totals.sum("lost_samples_total"));
        if (totals.sum("lost_waits_total") > 0) {
            log.line(totals.sum("lost_waits_total") + " waits are in no profile besides: the comments of each say why");
        }
    }

    /** A failure long after settings were read is none of theirs: then those before would help as little, and the run ends. */
    private ContinuousRequest fallBack(CannotStartException failure) throws CannotStartException {
        ContinuousRequest good = before;
        if (good == null) {
            throw failure;
        }
        log.line("with the new settings the run cannot go on, so it does with those before: "
                + Log.oneLine(String.valueOf(failure.getMessage())));
        before = null;
        return good;
    }

    /** Other settings to go on with; null at the end. */
    private @Nullable ContinuousRequest stretches(ContinuousRequest request) throws CannotStartException {
        try (Outlets outlets = Outlets.open(request, totals, log)) {
            while (true) {
                StretchEnd end = new StretchEnd(request);
                ProfileRequest profile = awaitTargets(request, outlets, end);
                if (profile != null) {
                    sample(profile, request, outlets, end);
                }
                outlets.interrupt();
                if (end.next != null
                        || stop.await(0)
                        || (profile != null && request.names().isEmpty())) {
                    return end.next;
                }
            }
        }
    }

    /** Returns when the stretch has ended; at once where a target that was found by its name has ended since. */
    private void sample(ProfileRequest profile, ContinuousRequest request, Outlets outlets, StretchEnd end)
            throws CannotStartException {
        try {
            Preconditions.check(profile);
            var _ = new ProfilingSession(
                            profile,
                            end.signal,
                            log,
                            (asked, targets, to) -> new Stretch(asked, targets, outlets, end, to))
                    .run();
        } catch (CannotStartException e) {
            boolean gone = profile.pids().stream()
                    .anyMatch(pid -> !Files.isDirectory(Path.of("/proc", Integer.toString(pid))));
            if (request.names().isEmpty() || !gone) {
                throw e;
            }
        }
    }

    /** Null where the run ends, or goes on with other settings, before there are any. */
    private @Nullable ProfileRequest awaitTargets(ContinuousRequest request, Outlets outlets, StretchEnd end)
            throws CannotStartException {
        if (request.names().isEmpty()) {
            return request.profile(List.of());
        }
        boolean said = false;
        while (true) {
            List<Integer> named = TargetsByName.present(request.names());
            if (!named.isEmpty()) {
                return request.profile(named);
            }
            if (!said) {
                log.line("waiting for a process called " + Log.oneLine(String.join(" or ", request.names())));
                said = true;
            }
            if (stop.await(LOOK_FOR_NAMES_NANOS)) {
                return null;
            }
            outlets.look();
            end.look();
            if (end.next != null) {
                return null;
            }
        }
    }

    /** Why and when a stretch is to end. */
    private final class StretchEnd {
        private final ContinuousRequest request;
        private final StopSignal signal = StopSignal.manual();
        private @Nullable ContinuousRequest next;

        StretchEnd(ContinuousRequest request) {
            this.request = request;
        }

        void look() {
            if (stop.await(0)) {
                signal.request();
            }
            if (reload.take()) {
                readAgain();
            }
        }

        /** It samples: these settings can be used. */
        void opened() {
            before = null;
        }

        private void readAgain() {
            try {
                ContinuousRequest read = settings.read();
                if (read.equals(request)) {
                    log.line("settings read again: they are the same");
                } else {
                    log.line("settings read again: sampling begins anew with them");
                    next = read;
                    signal.request();
                }
            } catch (CannotStartException e) {
                log.line("settings not taken, the run goes on with those that it has: "
                        + Log.oneLine(String.valueOf(e.getMessage())));
            }
        }

        /** What has come up under one of the names without having been started by a target. */
        void lookForMore(Targets targets, ProfileRequest asked) throws CannotStartException {
            if (!request.names().isEmpty() && targets.anyOther(TargetsByName.present(request.names()), asked)) {
                signal.request();
            }
        }
    }

    /** A stretch of sampling, as those see it who take its intervals. */
    private static final class Stretch implements Recipient {
        private final ProfileRequest request;
        private final Targets targets;
        private final Outlets outlets;
        private final StretchEnd end;
        private final Log log;

        Stretch(ProfileRequest request, Targets targets, Outlets outlets, StretchEnd end, Log log) {
            this.request = request;
            this.targets = targets;
            this.outlets = outlets;
            this.end = end;
            this.log = log;
        }

        @Override
        public void check() {}

        @Override
        public void opened() {
            log.line("profiling " + targets.described(request) + ", an interval each "
                    + Seconds.of(end.request.every()) + " to "
                    + Log.oneLine(end.request.directory().toString())
                    + "; SIGTERM ends it");
            Rights.tell(request, log);
            end.opened();
        }

        @Override
        public void begin() {}

        @Override
        public void look(Duration elapsed, Recorder.Progress progress) {
            outlets.look();
            end.look();
        }

        @Override
        public boolean wantsPart() {
            return outlets.wantPart();
        }

        @Override
        public void part(List<Delivery> pieces) {
            outlets.count(pieces);
        }

        @Override
        public void next(List<Delivery> deliveries) throws CannotStartException {
            outlets.put(deliveries, request);
            end.lookForMore(targets, request);
        }

        @Override
        public void end() {}

        @Override
        public List<Written> last(List<Delivery> deliveries) {
            outlets.put(deliveries, request);
            return List.of();
        }

        @Override
        public void close() {}
    }
}
