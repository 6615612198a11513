package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.Started;
import io.perfagent.report.Log;
import io.perfagent.report.Quoted;
import io.perfagent.report.Seconds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The processes that a run begins with.
 *
 * @param given by the user, as far as they can be profiled; empty with -a
 * @param started how many these have started that run now and are profiled with them
 */
record Targets(List<LiveProcess> given, int started) {
    private static final int MOST_SHOWN = 8;

    /** One that is given alone has to be there. Of several, what has ended since somebody listed them is left out while others are left. */
    static List<TargetProcess> given(List<Integer> pids, Consumer<String> leftOut) throws CannotStartException {
        List<TargetProcess> targets = new ArrayList<>();
        Set<Integer> ours = pids.size() > 1 ? Started.ourselves() : Set.of();
        CannotStartException reason = null;
        for (int pid : pids) {
            try {
                TargetProcess target = TargetProcess.read(pid);
                target.requireUserProcess();
                if (ours.contains(pid)) {
                    throw new CannotStartException("process " + pid + " ("
                            + Quoted.of(target.stat().comm()) + ") runs perf-agent: give it alone to profile it");
                }
                targets.add(target);
            } catch (CannotStartException e) {
                if (pids.size() == 1) {
                    throw e;
                }
                reason = e;
                leftOut.accept(e.getMessage());
            }
        }
        if (reason != null && targets.isEmpty()) {
            throw new CannotStartException(
                    "none of the " + pids.size() + " targets is left: " + reason.getMessage(), reason);
        }
        return targets;
    }

    /** Says what is left out. */
    static Targets of(ProfileRequest request, Log log) throws CannotStartException {
        List<LiveProcess> given = new ArrayList<>();
        for (TargetProcess target : given(request.pids(), why -> log.line("left out: " + Log.oneLine(why)))) {
            given.add(target.live());
        }
        return new Targets(given, request.children() ? Started.by(given).size() : 0);
    }

    /** Whether one of these is no target and was not started by one. */
    boolean anyOther(List<Integer> pids, ProfileRequest request) throws CannotStartException {
        Set<Integer> known = new HashSet<>(request.pids());
        if (known.containsAll(pids)) {
            return false;
        }
        known.addAll(Started.by(given));
        return !known.containsAll(pids);
    }

    /** The first line of a run: what is being done, and how to end it. */
    String opening(ProfileRequest request) {
        return "profiling " + described(request) + " for " + Seconds.of(request.duration()) + ", " + what(request)
                + "; Ctrl-C ends it early and writes what there is";
    }

    private static String what(ProfileRequest request) {
        List<String> kinds = new ArrayList<>();
        for (Event event : request.events()) {
            kinds.add(
                    switch (event) {
                        case CPU_CLOCK -> request.sampled().frequency(request.sampleRate());
                        case OFF_CPU -> "time off the CPU";
                        case WALL -> "time on and off the CPU";
                    });
        }
        return String.join(", and ", kinds);
    }

    /** All of them in a few words. */
    String described(ProfileRequest request) {
        return request.allProcesses() ? "every process" : shown() + andStarted();
    }

    /** Those of one name together, {@code gunicorn (4711, 4712), sh (4700)}. */
    private String shown() {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        given.stream()
                .limit(MOST_SHOWN)
                .forEach(process -> byName.computeIfAbsent(Quoted.of(process.comm()), _ -> new ArrayList<>())
                        .add(Integer.toString(process.pid())));
        List<String> groups = new ArrayList<>();
        byName.forEach((name, pids) -> groups.add(name + " (" + String.join(", ", pids) + ")"));
        int more = given.size() - MOST_SHOWN;
        return String.join(", ", groups) + (more > 0 ? " and " + more + " more" : "");
    }

    private String andStarted() {
        String by = given.size() == 1 ? " it started" : " they started";
        return started == 0 ? "" : " and " + started + (started == 1 ? " process" : " processes") + by;
    }
}
