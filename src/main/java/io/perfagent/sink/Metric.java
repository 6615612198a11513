package io.perfagent.sink;

import java.util.Map;

/**
 * A number that is shown while a run goes on, as Prometheus knows them.
 *
 * @param name without the program's prefix, {@code push_queue_bytes}; that of a counter ends in {@code _total}
 * @param help what it is, one line
 * @param labels by name
 */
public record Metric(String name, Kind kind, String help, Map<String, String> labels, double value) {
    /** How it changes. */
    public enum Kind {
        /** Grows only, from 0 at the start of the run. */
        COUNTER,
        /** As it is at the moment. */
        GAUGE
    }

    public static Metric counter(String name, String help, Map<String, String> labels, double value) {
        return new Metric(name, Kind.COUNTER, help, labels, value);
    }

    public static Metric gauge(String name, String help, Map<String, String> labels, double value) {
        return new Metric(name, Kind.GAUGE, help, labels, value);
    }
}
