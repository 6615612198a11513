package io.perfagent.python.life;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.Started;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.report.Log;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Switches on the targets that were given, before the first sample. What is refused is said with its reason, and profiled without Python
 * names; where none of them can be named, nor has started one that can (tini, sh -c, a bootloader), it is the end of the run. All that can
 * be found out from outside is found out before one is touched.
 */
final class GivenPythons {
    private final ProfileRequest request;
    private final Log log;
    private final PythonActivator activator;
    private final SwitchedOn on;
    private final PythonTally tally;
    private final Map<Integer, Verdict.Refused> refused = new LinkedHashMap<>();

    GivenPythons(ProfileRequest request, Log log, PythonActivator activator, SwitchedOn on, PythonTally tally) {
        this.request = request;
        this.log = log;
        this.activator = activator;
        this.on = on;
        this.tally = tally;
    }

    /** @param begins is called once it is known that the run may begin */
    void activate(List<LiveProcess> given, Runnable begins) throws CannotStartException {
        Map<LiveProcess, Verdict> verdicts = new LinkedHashMap<>();
        given.forEach(target -> verdicts.put(target, activator.inspect(target.pid())));
        boolean some = verdicts.values().stream().anyMatch(Verdict.Candidate.class::isInstance);
        if (some || given.isEmpty() || haveStartedOne(given)) {
            begins.run();
        }
        if (!activate(verdicts) && !given.isEmpty() && !haveStartedOne(given)) {
            throw none(given);
        }
    }

    /** Those of whom it has been said why they are not named. */
    Set<Integer> refused() {
        return refused.keySet();
    }

    /** Whether one is on; all refusals are said before the first is touched. */
    private boolean activate(Map<LiveProcess, Verdict> verdicts) {
        verdicts.forEach((target, verdict) -> {
            if (verdict instanceof Verdict.Refused why) {
                refuse(target, why);
            }
        });
        boolean any = false;
        for (Map.Entry<LiveProcess, Verdict> each : verdicts.entrySet()) {
            any |= each.getValue() instanceof Verdict.Candidate candidate && activate(each.getKey(), candidate);
        }
        return any;
    }

    private boolean activate(LiveProcess target, Verdict.Candidate candidate) {
        int pid = target.pid();
        on.begin(target);
        switch (activator.activate(candidate)) {
            case ActivationResult.Activated(var route) -> {
                on.switched(pid);
                tally.activated(route);
                log.line("python inject activated", "pid", pid, "route", route.label());
                LatePythons.sayUnnamed(pid, activator.inspect(pid), log);
            }
            case ActivationResult.AlreadyOn _ -> LatePythons.warnOfSwitchingOff(pid, request, log);
            case ActivationResult.Refused(InjectRefusal reason, String detail) -> {
                on.cancel(pid);
                refuse(target, new Verdict.Refused(reason, detail));
                return false;
            }
        }
        return true;
    }

    private void refuse(LiveProcess target, Verdict.Refused why) {
        log.line(
                "python inject skipped",
                "pid",
                target.pid(),
                "reason",
                why.reason().label(),
                "detail",
                why.detail());
        tally.skipped(why.reason());
        refused.put(target.pid(), why);
    }

    /** Whether an interpreter, or what becomes one in a moment, descends from them: it is switched on during the run. */
    private boolean haveStartedOne(List<LiveProcess> given) throws CannotStartException {
        for (int pid : request.children() ? Started.by(given) : List.<Integer>of()) {
            boolean one = switch (activator.inspect(pid)) {
                case Verdict.Candidate _ -> true;
                case Verdict.Refused refused -> refused.reason() == InjectRefusal.NOT_INITIALIZED;
            };
            if (one) {
                return true;
            }
        }
        return false;
    }

    private CannotStartException none(List<LiveProcess> given) {
        String without = "leave out --inject-python to profile without trampolines";
        if (given.size() > 1) {
            return new CannotStartException("none of the " + given.size()
                    + " targets has an interpreter that can be given trampolines, nor has started one; " + without);
        }
        int pid = given.getFirst().pid();
        Verdict.Refused why = Objects.requireNonNull(refused.get(pid));
        String remedy = switch (why.reason()) {
            case PROCESS_GONE, FINALIZING -> "give one that runs";
            case BUSY -> "wait for that, or " + without;
            default -> without;
        };
        return new CannotStartException("cannot switch on trampolines in process " + pid + ": "
                + why.reason().label() + " (" + why.detail() + "); " + remedy);
    }
}
