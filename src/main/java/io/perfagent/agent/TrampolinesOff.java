package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.StopTimes;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Subinterpreters;
import io.perfagent.report.Log;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Switches trampolines off that a killed run, or one that could not reach its target, has left on. */
public final class TrampolinesOff {
    private final Log log;
    private int deactivated;
    private int alreadyOff;
    private int gone;
    private int failed;

    public TrampolinesOff(Log log) {
        this.log = log;
    }

    /** Exit status: 0 where the trampoline of every process is off now, or the process is gone; 1 otherwise. */
    public int run(List<Integer> pids) throws CannotStartException {
        Preconditions.requireOwnProc();
        try (PythonActivator activator = new PythonActivator()) {
            for (int pid : pids) {
                if (exists(pid)) {
                    TargetProcess.read(pid).requireProcess();
                }
                switchOff(activator, pid);
            }
            summary(activator.stops());
        }
        return failed == 0 ? 0 : 1;
    }

    private void switchOff(PythonActivator activator, int pid) {
        if (activator.inspect(pid) instanceof Verdict.Refused(InjectRefusal reason, String detail)
                && reason == InjectRefusal.NOT_PYTHON) {
            refuse(pid, reason, detail);
            return;
        }
        switch (activator.deactivate(pid)) {
            case DeactivationResult.Deactivated off -> {
                tellOfOthers(activator, pid);
                deactivated++;
                log.line(
                        "python trampoline switched off",
                        "pid",
                        pid,
                        "route",
                        off.route().label());
            }
            case DeactivationResult.AlreadyOff _ -> {
                tellOfOthers(activator, pid);
                alreadyOff++;
                log.line("python trampoline was off already", "pid", pid);
            }
            case DeactivationResult.ProcessGone _ -> {
                gone++;
                log.line("python deactivate", "pid", pid, "reason", InjectRefusal.PROCESS_GONE.label());
            }
            case DeactivationResult.Failed still -> refuse(pid, still.reason(), still.detail());
        }
    }

    /** A subinterpreter is for the program alone to switch. */
    private void tellOfOthers(PythonActivator activator, int pid) {
        if (activator.inspect(pid) instanceof Verdict.Candidate candidate
                && candidate.outlook().subinterpreters().switched() > 0) {
            Subinterpreters others = candidate.outlook().subinterpreters();
            refuse(
                    pid,
                    InjectRefusal.FOREIGN_EVAL_FRAME,
                    "an evaluation function is set in " + others.switched() + " of its " + others.count()
                            + " subinterpreters");
        }
    }

    private void refuse(int pid, InjectRefusal reason, String detail) {
        failed++;
        log.line("python trampoline not switched off", "pid", pid, "reason", reason.label(), "detail", detail);
    }

    private void summary(StopTimes stops) {
        log.line(
                "python off summary",
                "deactivated",
                deactivated,
                "already_off",
                alreadyOff,
                "gone",
                gone,
                "failed",
                failed,
                "stops",
                stops.count(),
                "stop_p50_us",
                stops.medianNanos() / 1000,
                "stop_max_us",
                stops.maxNanos() / 1000);
    }

    private static boolean exists(int pid) {
        return Files.exists(Path.of("/proc", Integer.toString(pid)));
    }
}
