package io.perfagent.safety;

import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.StopTimes;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What came of everything that was done to the targets of one interpreter. */
final class Tally {
    private final Map<String, Integer> reasons = new TreeMap<>();
    private final Map<Route, Integer> routes = new EnumMap<>(Route.class);
    private final List<Harm> harms = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private StopTimes stops = new StopTimes(0, 0, 0);
    private int activations;
    private int deactivations;

    void count(ActivationResult result) {
        activations++;
        switch (result) {
            case ActivationResult.Activated(Route route) -> count(route);
            case ActivationResult.AlreadyOn() -> count("already on");
            case ActivationResult.Refused refused -> refused("on", refused.reason(), refused.detail());
        }
    }

    void count(DeactivationResult result) {
        deactivations++;
        switch (result) {
            case DeactivationResult.Deactivated(Route route) -> count(route);
            case DeactivationResult.AlreadyOff() -> count("already off");
            case DeactivationResult.ProcessGone() -> count("off: process gone");
            case DeactivationResult.Failed failed -> refused("off", failed.reason(), failed.detail());
        }
    }

    /** Something else that happened, and how often. */
    void count(String what) {
        reasons.merge(what, 1, Integer::sum);
    }

    /** Null is no harm. */
    void count(@Nullable Harm harm) {
        if (harm != null) {
            harms.add(harm);
            System.out.println("  HARM " + harm);
        }
    }

    /** Something measured, for the end of the table's row. */
    void note(String measured) {
        notes.add(measured);
    }

    void stops(StopTimes times) {
        stops = times;
    }

    List<Harm> harms() {
        return List.copyOf(harms);
    }

    int of(Harm.Kind kind) {
        return (int) harms.stream().filter(harm -> harm.kind() == kind).count();
    }

    int of(Route route) {
        return routes.getOrDefault(route, 0);
    }

    int activations() {
        return activations;
    }

    int deactivations() {
        return deactivations;
    }

    StopTimes stops() {
        return stops;
    }

    /** As in {@code 12 already on, 3 on: busy}, and what was noted. */
    String reasons() {
        List<String> words = new ArrayList<>();
        reasons.forEach((reason, count) -> words.add(count + " " + reason));
        words.addAll(notes);
        return String.join(", ", words);
    }

    /** {@link InjectRefusal#FAILED} is what nobody has thought of, and so no reason. */
    private void refused(String what, InjectRefusal reason, String detail) {
        count(what + ": " + reason.label() + (reason == InjectRefusal.BUSY ? " (" + detail + ")" : ""));
        if (reason == InjectRefusal.FAILED || detail.isBlank()) {
            count(new Harm(Harm.Kind.OUTCOME, what + ": " + reason.label(), detail));
        }
    }

    private void count(Route route) {
        routes.merge(route, 1, Integer::sum);
    }
}
