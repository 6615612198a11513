package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PerfMapFile;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.StopTimes;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;
import io.perfagent.target.LiveProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The targets' trampolines during one run: on at its start, off on every way out. Closing switches off what is still on; a run
 * without {@code --inject-python} touches nothing.
 */
final class PythonTargets implements AutoCloseable {
    private final ProfileRequest request;
    private final Log log;
    private final PythonActivator activator = new PythonActivator();
    /** PIDs whose trampoline is on, with the lines that their map had before. */
    private final Map<Integer, Long> active = new HashMap<>();

    /** How often each safe moment served. */
    private final Map<Route, Integer> routes = new EnumMap<>(Route.class);

    private int activated;
    private int skipped;
    private int failed;
    private int deactivated;
    private long newNames;

    PythonTargets(ProfileRequest request, Log log) {
        this.request = request;
        this.log = log;
    }

    /**
     * Switches them on. With PIDs given, the first that cannot be is the end of the run.
     *
     * @param calm returns when nothing else is being prepared in this process: only then are threads of targets stopped
     */
    void activate(List<LiveProcess> targets, Runnable calm) throws CannotStartException {
        if (request.injectPython()) {
            activator.stopOnlyAfter(calm);
            requireCandidates(targets);
            for (LiveProcess target : targets) {
                activate(target);
            }
        }
    }

    /** Switches off what is on, unless the user wants it left on. */
    void deactivate() {
        for (Map.Entry<Integer, Long> entry : List.copyOf(active.entrySet())) {
            newNames += Math.max(0, mapEntries(entry.getKey()) - entry.getValue());
            active.remove(entry.getKey());
            if (!request.keepTrampoline()) {
                deactivate(entry.getKey());
            }
        }
    }

    /** The one line at the end, and what to do when no name came. */
    void summary() {
        if (!request.injectPython()) {
            return;
        }
        log.line(
                "python inject summary",
                "activated",
                activated,
                "skipped",
                skipped,
                "failed",
                failed,
                "deactivated",
                deactivated,
                "routes",
                routes(),
                "stops",
                stops().count(),
                "stop_p50_us",
                micros(stops().medianNanos()),
                "stop_max_us",
                micros(stops().maxNanos()));
        if (activated > 0 && newNames == 0) {
            log.line("no Python function was called for the first time during the run, so none could be named:"
                    + " a longer --duration may help");
        }
    }

    List<String> comments() {
        if (!request.injectPython()) {
            return List.of();
        }
        List<String> comments = new ArrayList<>();
        comments.add("python inject: activated " + activated + ", skipped " + skipped + ", failed " + failed
                + ", deactivated " + deactivated + ", functions named " + newNames + ", routes " + routes());
        comments.add("stops of targets: " + stops().count() + ", p50 " + micros(stops().medianNanos()) + " us, max "
                + micros(stops().maxNanos()) + " us");
        return comments;
    }

    StopTimes stops() {
        return activator.stops();
    }

    @Override
    public void close() {
        deactivate();
        activator.close();
    }

    private void activate(LiveProcess target) throws CannotStartException {
        int pid = target.pid();
        long before = mapEntries(pid);
        switch (activator.activate(pid)) {
            case ActivationResult.Activated on -> {
                activated++;
                routes.merge(on.route(), 1, Integer::sum);
                active.put(pid, before);
                log.line(
                        "python inject activated",
                        "pid",
                        pid,
                        "route",
                        on.route().label());
            }
            case ActivationResult.AlreadyOn _ -> {
                active.put(pid, before);
                warnOfSwitchingOff(pid);
            }
            case ActivationResult.Refused refused -> refuse(target, refused.reason(), refused.detail());
        }
    }

    /** One that is refused is to be known before another has been touched. */
    private void requireCandidates(List<LiveProcess> targets) throws CannotStartException {
        boolean strict = !request.allProcesses() && targets.size() > 1;
        for (LiveProcess target : strict ? targets : List.<LiveProcess>of()) {
            if (activator.inspect(target.pid()) instanceof Verdict.Refused refused) {
                refuse(target, refused.reason(), refused.detail());
            }
        }
    }

    private void warnOfSwitchingOff(int pid) {
        String end = request.keepTrampoline()
                ? "left on at the end"
                : "switched off at the end, --keep-trampoline leaves it on";
        log.line("python trampoline was on before this run and is " + end, "pid", pid);
    }

    private void refuse(LiveProcess target, InjectRefusal reason, String detail) throws CannotStartException {
        log.line("python inject skipped", "pid", target.pid(), "reason", reason.label(), "detail", detail);
        skipped++;
        if (!request.allProcesses()) {
            throw new CannotStartException("cannot name the Python functions of process " + target.pid() + ": "
                    + reason.label() + " (" + detail + "); leave out --inject-python to profile without names");
        }
    }

    private void deactivate(int pid) {
        switch (activator.deactivate(pid)) {
            case DeactivationResult.Deactivated off -> {
                deactivated++;
                routes.merge(off.route(), 1, Integer::sum);
            }
            case DeactivationResult.AlreadyOff _ -> log.line("python trampoline was off already", "pid", pid);
            case DeactivationResult.ProcessGone _ ->
                log.line("python deactivate", "pid", pid, "reason", InjectRefusal.PROCESS_GONE.label());
            case DeactivationResult.Failed still -> {
                failed++;
                log.line(
                        "python trampoline may still be on; perf-agent off --pid " + pid + " switches it off",
                        "pid",
                        pid,
                        "reason",
                        still.reason().label(),
                        "detail",
                        still.detail());
            }
        }
    }

    /** The process may be gone, or its /tmp out of reach: then there is nothing to count. */
    private static long mapEntries(int pid) {
        try {
            return PerfMapFile.entries(pid);
        } catch (IOException _) {
            return 0;
        }
    }

    private String routes() {
        List<String> counts = new ArrayList<>();
        routes.forEach((route, count) -> counts.add(route.label() + ":" + count));
        return counts.isEmpty() ? "none" : String.join(",", counts);
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.0f", nanos / 1e3);
    }
}
