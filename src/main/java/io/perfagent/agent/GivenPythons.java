package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.process.LiveProcess;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Switches on the targets that were given, before the first sample.
 *
 * <pre>
 *   one PID        refused: the end of the run, unless it is no Python and has started one (tini, sh -c, a bootloader)
 *   several        gone, or no Python: said and left out. Refused for another reason: the end of the run
 *   found by name  whatever the reason: said and left out
 * </pre>
 *
 * Where none is left it is the end of the run, too. All that has been found out from outside is said before one is touched.
 */
final class GivenPythons {
    private final ProfileRequest request;
    private final Log log;
    private final PythonActivator activator;
    private final SwitchedOn on;
    private final PythonTally tally;
    private final Set<Integer> refused = new HashSet<>();

    GivenPythons(ProfileRequest request, Log log, PythonActivator activator, SwitchedOn on, PythonTally tally) {
        this.request = request;
        this.log = log;
        this.activator = activator;
        this.on = on;
        this.tally = tally;
    }

    void activate(List<LiveProcess> given) throws CannotStartException {
        Map<LiveProcess, Verdict.Candidate> candidates = candidates(given);
        boolean any = false;
        for (Map.Entry<LiveProcess, Verdict.Candidate> candidate : candidates.entrySet()) {
            any |= activate(candidate.getKey(), candidate.getValue(), given);
        }
        if (!any && !given.isEmpty() && !haveStartedOne(given)) {
            throw none(given);
        }
    }

    /** Those of whom it has been said why they are not named. */
    Set<Integer> refused() {
        return refused;
    }

    private Map<LiveProcess, Verdict.Candidate> candidates(List<LiveProcess> given) throws CannotStartException {
        Map<LiveProcess, Verdict.Candidate> candidates = new LinkedHashMap<>();
        for (LiveProcess target : given) {
            switch (activator.inspect(target.pid())) {
                case Verdict.Candidate candidate -> candidates.put(target, candidate);
                case Verdict.Refused(InjectRefusal reason, String detail) -> refuse(target, reason, detail, given);
            }
        }
        return candidates;
    }

    private boolean activate(LiveProcess target, Verdict.Candidate candidate, List<LiveProcess> given)
            throws CannotStartException {
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
                refuse(target, reason, detail, given);
                return false;
            }
        }
        return true;
    }

    /** Says why one is not named, and ends the run where that must not be. */
    private void refuse(LiveProcess target, InjectRefusal reason, String detail, List<LiveProcess> given)
            throws CannotStartException {
        log.line("python inject skipped", "pid", target.pid(), "reason", reason.label(), "detail", detail);
        tally.skipped(reason);
        refused.add(target.pid());
        boolean one = given.size() == 1;
        if (request.lenient() || (!one && isNone(reason)) || (one && isNoPython(reason) && haveStartedOne(given))) {
            return;
        }
        String wait = reason == InjectRefusal.BUSY ? "wait for that, or " : "";
        String leaveOut = wait + (one ? "leave out" : "leave " + target.pid() + " out of --pid, or leave out");
        throw new CannotStartException("cannot name the Python functions of process " + target.pid() + ": "
                + reason.label() + " (" + detail + "); "
                + (isGone(reason) ? "give one that runs" : leaveOut + " --inject-python to profile without names"));
    }

    private static boolean isNone(InjectRefusal reason) {
        return isGone(reason) || isNoPython(reason);
    }

    private static boolean isGone(InjectRefusal reason) {
        return reason == InjectRefusal.PROCESS_GONE || reason == InjectRefusal.FINALIZING;
    }

    private static boolean isNoPython(InjectRefusal reason) {
        return reason == InjectRefusal.NOT_PYTHON;
    }

    /** Whether an interpreter, or what becomes one in a moment, descends from them: it is switched on during the run. */
    private boolean haveStartedOne(List<LiveProcess> given) throws CannotStartException {
        for (int pid : request.children() ? Targets.started(given) : List.<Integer>of()) {
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
        String who = given.size() == 1
                ? "process " + given.getFirst().pid() + " is no Python"
                : "none of the " + given.size() + " targets is a Python";
        return new CannotStartException(who + " whose functions can be named, nor has started one;"
                + " leave out --inject-python to profile without names");
    }
}
