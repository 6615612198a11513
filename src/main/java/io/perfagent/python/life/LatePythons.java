package io.perfagent.python.life;

import io.perfagent.linux.BootClock;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.TrampolineState;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.life.PythonTally.Late;
import io.perfagent.report.Log;
import java.io.IOException;

/** Switches on single processes during a run, which goes on whatever comes of it: what fails is logged once and counted. */
final class LatePythons {
    /** So long after its start a process whose state cannot be seen is taken for initialised: it is asked before anything is done. */
    private static final long SETTLED_NANOS = 10_000_000_000L;

    private final ProfileRequest request;
    private final Log log;
    private final PythonActivator activator;
    private final SwitchedOn on;
    private final PythonTally tally;
    private final Runnable afterStops;

    /** What a look at a process came to. */
    sealed interface Look {
        /** Its interpreter is not up yet. */
        record NotYet() implements Look {}

        record NotPython() implements Look {}

        record Gone() implements Look {}

        /** It is a copy of one that was on, and on. */
        record Copy() implements Look {}

        record Refused(InjectRefusal reason, String detail) implements Look {}

        record Ready(LiveProcess process, Verdict.Candidate candidate) implements Look {}
    }

    /**
     * For one run.
     *
     * @param afterStops is to be called after each activation
     */
    LatePythons(
            ProfileRequest request,
            Log log,
            PythonActivator activator,
            SwitchedOn on,
            PythonTally tally,
            Runnable afterStops) {
        this.request = request;
        this.log = log;
        this.activator = activator;
        this.on = on;
        this.tally = tally;
        this.afterStops = afterStops;
    }

    SwitchedOn on() {
        return on;
    }

    PythonTally tally() {
        return tally;
    }

    /** Looks from outside. Nothing is touched. */
    Look look(int pid) {
        try {
            LiveProcess process = LiveProcess.of(pid);
            return switch (activator.inspect(pid)) {
                case Verdict.Candidate candidate -> ready(process, candidate);
                case Verdict.Refused(InjectRefusal reason, String detail) -> refused(reason, detail);
            };
        } catch (IOException _) {
            return new Look.Gone();
        }
    }

    /** To be said before it is switched on. */
    void begin(Look.Ready ready) {
        on.begin(ready.process());
    }

    /** Switches one on. */
    void activate(Look.Ready ready, boolean late) {
        int pid = ready.process().pid();
        ActivationResult result = activator.activate(ready.candidate());
        afterStops.run();
        switch (result) {
            case ActivationResult.Activated(var route) -> {
                on.switched(pid);
                tally.activated(route);
                count(late, Late.ACTIVATED);
                log.line("python inject activated", "pid", pid, "route", route.label());
                sayUnnamed(pid, ready.candidate(), log);
            }
            case ActivationResult.AlreadyOn _ -> {
                count(late, Late.ACTIVATED);
                warnOfSwitchingOff(pid, request, log);
            }
            case ActivationResult.Refused(InjectRefusal reason, String detail) -> {
                on.cancel(pid);
                refuse(pid, reason, detail, late);
            }
        }
    }

    /** Says why one is not switched on. One that has ended is none to speak of. */
    void refuse(int pid, InjectRefusal reason, String detail, boolean late) {
        if (hasEnded(reason)) {
            count(late, Late.SHORT_LIVED);
            return;
        }
        count(late, Late.REFUSED);
        boolean tried = reason == InjectRefusal.TIMEOUT || reason == InjectRefusal.FAILED;
        if (tried) {
            tally.failed(reason);
        } else {
            tally.skipped(reason);
        }
        String event = tried ? "python inject failed" : "python inject skipped";
        log.line(event, "pid", pid, "reason", reason.label(), "detail", detail);
    }

    /** What subinterpreters run, and what a compiler has made functions in C of. */
    static void sayUnnamed(int pid, Verdict verdict, Log log) {
        if (!(verdict instanceof Verdict.Candidate candidate)) {
            return;
        }
        int guests = candidate.outlook().subinterpreters().count();
        if (guests > 0) {
            log.line("python subinterpreters, whose functions get no trampolines", "pid", pid, "count", guests);
        }
        if (candidate.outlook().compiled()) {
            log.line("python program compiled by Nuitka, whose own functions get no trampolines", "pid", pid);
        }
    }

    static void warnOfSwitchingOff(int pid, ProfileRequest request, Log log) {
        String end = request.keepTrampoline()
                ? "left on at the end"
                : "switched off at the end, --keep-trampoline leaves it on";
        log.line("python trampoline was on before this run and is " + end, "pid", pid);
    }

    private Look ready(LiveProcess process, Verdict.Candidate candidate) {
        TrampolineState trampoline = candidate.outlook().trampoline();
        if (trampoline == TrampolineState.ON && on.isCopy(process.pid())) {
            return new Look.Copy();
        }
        return trampoline == TrampolineState.UNKNOWN && !isSettled(process, BootClock.nanos())
                ? new Look.NotYet()
                : new Look.Ready(process, candidate);
    }

    /**
     * Whether it has lived for so long that it must be initialised.
     *
     * @param now of {@link BootClock}
     */
    static boolean isSettled(LiveProcess process, long now) {
        return BootClock.since(process.startTime(), now) > SETTLED_NANOS;
    }

    private static Look refused(InjectRefusal reason, String detail) {
        if (reason == InjectRefusal.NOT_INITIALIZED) {
            return new Look.NotYet();
        }
        if (reason == InjectRefusal.NOT_PYTHON) {
            return new Look.NotPython();
        }
        return hasEnded(reason) ? new Look.Gone() : new Look.Refused(reason, detail);
    }

    private static boolean hasEnded(InjectRefusal reason) {
        return reason == InjectRefusal.PROCESS_GONE || reason == InjectRefusal.FINALIZING;
    }

    private void count(boolean late, Late outcome) {
        if (late) {
            tally.late(outcome, 1);
        }
    }
}
