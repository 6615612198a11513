package io.perfagent.python.life;

import io.perfagent.python.StopTimes;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;
import io.perfagent.report.Log;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What became of the interpreters of a run, counted; safe for use by several threads. */
final class PythonTally {
    /** How a process that began during the run ended up; each counts once. */
    enum Late {
        /** Switched on. */
        ACTIVATED,
        /** A copy of one that was on. */
        INHERITED,
        /** Refused, or tried in vain; the reason is counted too. */
        REFUSED,
        /** Ended before it was switched on. */
        SHORT_LIVED,
        /** Left out since too many waited. */
        DROPPED,
        /** Too young at the end of the run, or not initialised by then. */
        WAITING
    }

    private final Map<Route, Integer> routes = new EnumMap<>(Route.class);
    private final Map<InjectRefusal, Integer> reasons = new EnumMap<>(InjectRefusal.class);
    private final Map<Late, Integer> late = new EnumMap<>(Late.class);
    private int activated;
    private int skipped;
    private int failed;
    private int deactivated;
    private int gone;
    private int grown;
    private int notPython;
    private int notLookedAt;

    synchronized void activated(Route route) {
        activated++;
        routes.merge(route, 1, Integer::sum);
    }

    synchronized void skipped(InjectRefusal reason) {
        skipped++;
        reasons.merge(reason, 1, Integer::sum);
    }

    synchronized void failed(InjectRefusal reason) {
        failed++;
        reasons.merge(reason, 1, Integer::sum);
    }

    synchronized void deactivated(Route route) {
        deactivated++;
        routes.merge(route, 1, Integer::sum);
    }

    /** Was on, and has ended meanwhile or runs another program. */
    synchronized void gone() {
        gone++;
    }

    /** Switched off before the end, for its map grew all the time. */
    synchronized void grown() {
        grown++;
    }

    synchronized void notPython() {
        notPython++;
    }

    /** It was there at the start, and the run over before its turn came. */
    synchronized void notLookedAt() {
        notLookedAt++;
    }

    synchronized void late(Late outcome, int count) {
        if (count > 0) {
            late.merge(outcome, count, Integer::sum);
        }
    }

    synchronized int activated() {
        return activated;
    }

    /** The lines at the end. */
    synchronized void print(Log log, StopTimes stops) {
        List<Object> pairs = new ArrayList<>(
                List.of("activated", activated, "skipped", skipped, "failed", failed, "deactivated", deactivated));
        optional(pairs, "gone", gone);
        optional(pairs, "off_early", grown);
        optional(pairs, "not_python", notPython);
        optional(pairs, "not_looked_at", notLookedAt);
        if (!reasons.isEmpty()) {
            pairs.addAll(List.of("reasons", reasons()));
        }
        pairs.addAll(List.of("routes", routes(), "stops", stops.count()));
        pairs.addAll(List.of("stop_p50_us", micros(stops.medianNanos()), "stop_max_us", micros(stops.maxNanos())));
        log.line("python inject summary", pairs.toArray());
        if (!late.isEmpty()) {
            log.line("python inject late", latePairs().toArray());
        }
    }

    /** @param named Python functions that have their names in the profile */
    synchronized List<String> comments(StopTimes stops, int named) {
        List<String> comments = new ArrayList<>();
        comments.add("python inject: activated " + activated + ", skipped " + skipped + ", failed " + failed
                + ", deactivated " + deactivated + ", functions named " + named + ", routes " + routes());
        if (!reasons.isEmpty()) {
            comments.add("python inject, reasons: " + reasons());
        }
        if (grown > 0) {
            comments.add("python inject, switched off before the end because maps grew by more than "
                    + (MapGrowth.MOST_BYTES >> 20) + " MiB: " + grown);
        }
        if (!late.isEmpty()) {
            comments.add("python inject, started during the run: "
                    + Log.format("", latePairs().toArray()));
        }
        comments.add("stops of targets: " + stops.count() + ", p50 " + micros(stops.medianNanos()) + " us, max "
                + micros(stops.maxNanos()) + " us");
        return comments;
    }

    private static void optional(List<Object> pairs, String key, int count) {
        if (count > 0) {
            pairs.addAll(List.of(key, count));
        }
    }

    private List<Object> latePairs() {
        List<Object> pairs = new ArrayList<>();
        pairs.addAll(List.of(
                "seen", late.values().stream().mapToInt(Integer::intValue).sum()));
        for (Late outcome : Late.values()) {
            pairs.addAll(List.of(outcome.name().toLowerCase(Locale.ROOT), late.getOrDefault(outcome, 0)));
        }
        return pairs;
    }

    private String reasons() {
        List<String> counts = new ArrayList<>();
        reasons.forEach((reason, count) -> counts.add(reason.label() + ":" + count));
        return String.join(",", counts);
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
