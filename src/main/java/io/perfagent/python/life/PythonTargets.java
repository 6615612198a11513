package io.perfagent.python.life;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.StopTimes;
import io.perfagent.python.TrampolineState;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.report.Log;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The targets' trampolines during one run: on at its start or when an interpreter comes up, off on every way out. Closing switches
 * off what is still on; a run without {@code --inject-python} touches nothing.
 *
 * <pre>
 *   --pid, --name   what was given: one at least │ what these have started, fork or execute: one by one, whatever comes of it
 *   -a                                           │ everything
 * </pre>
 */
public final class PythonTargets implements AutoCloseable {
    /** What a copy forks while it is switched off is found in the next round. */
    private static final int MOST_ROUNDS = 4;

    private final ProfileRequest request;
    private final Log log;
    private final PythonActivator activator = new PythonActivator();
    private final SwitchedOn on = new SwitchedOn();
    private final LeftMaps maps = new LeftMaps(on);
    private final PythonTally tally = new PythonTally();
    private final MapGrowth growth;
    private @Nullable PythonArrivals arrivals;
    private Set<Integer> refused = Set.of();
    private Runnable endCalm = () -> {};

    public PythonTargets(ProfileRequest request, Log log) {
        this.request = request;
        this.log = log;
        this.growth = new MapGrowth(on, log);
    }

    /**
     * Switches on those of given PIDs, or ends the run: see {@link GivenPythons}.
     *
     * @param begins is called once it is known that the run may begin, before the first is touched
     * @param calm returns when nothing else is being prepared in this process: only then are threads of targets stopped
     */
    public void activate(List<LiveProcess> targets, Runnable begins, Runnable calm) throws CannotStartException {
        if (!request.injectPython()) {
            begins.run();
        } else {
            activator.stopOnlyAfter(calm);
            GivenPythons given = new GivenPythons(request, log, activator, on, tally);
            given.activate(targets, begins);
            refused = given.refused();
        }
    }

    /** Begins to watch what forks, for what children leave. To be called before the first is switched on. */
    public void watch(ProcessFeed processes) {
        if (request.injectPython()) {
            processes.afterNaming(maps::named);
            processes.listen(maps);
        }
    }

    /** Switches on, from now on and beside the run, what else there is and what comes up. */
    public void follow(ProcessFeed processes) {
        if (request.injectPython() && (request.allProcesses() || request.children())) {
            activator.stopOnlyAfter(processes::awaitCalm);
            endCalm = processes::endCalm;
            arrivals = new PythonArrivals(new LatePythons(request, log, activator, on, tally, endCalm), processes);
            arrivals.start(refused);
        }
    }

    /** Throws where what follows processes has failed. */
    public void check() {
        PythonArrivals following = arrivals;
        if (following != null) {
            following.check();
        }
    }

    /** Switches off what makes new functions all the time. To be called again and again while samples are taken. */
    public void boundMaps() {
        growth.look(this::switchOffEarly);
    }

    private boolean switchOffEarly(int pid) {
        DeactivationResult result = activator.deactivate(pid);
        endCalm.run();
        return switch (result) {
            case DeactivationResult.Deactivated(var route) -> {
                on.switchedOff(pid);
                tally.deactivated(route);
                tally.grown();
                yield true;
            }
            case DeactivationResult.AlreadyOff _ -> true;
            case DeactivationResult.ProcessGone _, DeactivationResult.Failed _ -> false;
        };
    }

    /** Switches off what is on, unless the user wants it left on. */
    public void deactivate() {
        PythonArrivals following = arrivals;
        arrivals = null;
        if (following != null) {
            following.stop();
        }
        SlowSwitches switches = new SlowSwitches();
        switchOff(switches);
        switches.check();
        if (following != null) {
            following.check();
        }
    }

    private void switchOff(SlowSwitches switches) {
        List<LiveProcess> switched = on.takeSwitched();
        if (!request.keepTrampoline()) {
            switched.forEach(each -> switches.run(() -> deactivate(each.pid(), on::goneSince)));
            switches.await();
            endCalm.run();
            Set<Integer> done = new HashSet<>();
            switched.forEach(each -> done.add(each.pid()));
            deactivateCopies(done, switches);
        }
        for (int pid : on.takeGone()) {
            tally.gone();
            log.line("python deactivate", "pid", pid, "reason", InjectRefusal.PROCESS_GONE.label());
        }
    }

    /** The lines at the end. */
    public void summary() {
        if (request.injectPython()) {
            tally.print(log, stops());
        }
    }

    /** Whether an interpreter could have named its functions. */
    public boolean anyActivated() {
        return tally.activated() > 0;
    }

    /** @param named Python functions that have their names in the profile */
    public List<String> comments(int named) {
        return request.injectPython() ? tally.comments(stops(), named) : List.of();
    }

    public StopTimes stops() {
        return activator.stops();
    }

    @Override
    public void close() {
        deactivate();
        maps.close();
        activator.close();
    }

    /** What has been forked since by those that were on, in rounds: a copy may fork until it is off itself. */
    private void deactivateCopies(Set<Integer> done, SlowSwitches switches) {
        for (int round = 0; round < MOST_ROUNDS && on.mayHaveCopies(); round++) {
            Set<Integer> copies = on.descendants();
            copies.removeIf(pid -> !done.add(pid) || !isOn(pid));
            if (copies.isEmpty()) {
                break;
            }
            for (int pid : copies) {
                switches.run(() -> deactivate(pid, on::gone)); // none of those that are counted as on
            }
            switches.await();
        }
        on.forgetCopies();
    }

    /** By us, or as a copy of what we found on; not what a child has been started with. */
    private boolean isOn(int pid) {
        return switch (activator.inspect(pid)) {
            case Verdict.Candidate candidate ->
                candidate.outlook().trampoline() != TrampolineState.OFF
                        && (candidate.outlook().onRecord() || on.isCopy(pid));
            case Verdict.Refused refused ->
                on.isCopy(pid)
                        && (refused.reason() == InjectRefusal.STOPPED
                                || refused.reason() == InjectRefusal.PTRACE_EPERM);
        };
    }

    private void deactivate(int pid, IntConsumer gone) {
        switch (activator.deactivate(pid)) {
            case DeactivationResult.Deactivated(var route) -> tally.deactivated(route);
            case DeactivationResult.AlreadyOff _ -> log.line("python trampoline was off already", "pid", pid);
            case DeactivationResult.ProcessGone _ -> gone.accept(pid);
            case DeactivationResult.Failed(InjectRefusal reason, String detail) -> {
                tally.failed(reason);
                log.line(
                        "python trampoline may still be on; perf-agent off --pid " + pid + " switches it off",
                        "pid",
                        pid,
                        "reason",
                        reason.label(),
                        "detail",
                        detail);
            }
        }
    }
}
