package io.perfagent.service;

import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import io.perfagent.report.Losses;
import io.perfagent.report.RunFacts;
import io.perfagent.sink.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run has come to since it began: samples, losses by cause, the cost of walks. One thread counts, any asks. */
public final class RunTotals {
    private static final double NANOS = 1e9;

    /** Of counters. */
    private record Key(String name, Map<String, String> labels) {}

    private record Total(String help, double value) {}

    private final Map<Key, Total> totals = new LinkedHashMap<>();

    /** Adds an event's part of an interval, or of a part of one. */
    public synchronized void add(RunFacts facts) {
        String event = facts.event().label();
        addSamples(facts, event);
        addLosses(facts, event);
        addCost(facts.counters(), event);
        if (facts.event() != Event.CPU_CLOCK) {
            addWaits(facts, event);
        }
    }

    /**
     * Adds what was missed of processes.
     *
     * @param missed counts by cause
     */
    public synchronized void add(Map<String, Long> missed) {
        missed.forEach((cause, count) ->
                add("missed_total", "What was missed of processes, by cause.", Map.of("cause", cause), (double) count));
    }

    /** Counts an interval that was delivered. */
    public synchronized void addInterval() {
        add("intervals_total", "Intervals that were cut off and handed on.", Map.of(), 1);
    }

    public synchronized List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>();
        totals.forEach((key, total) -> metrics.add(Metric.counter(key.name, total.help, key.labels, total.value)));
        return metrics;
    }

    /** Of all labels. */
    public synchronized long sum(String name) {
        return Math.round(totals.entrySet().stream()
                .filter(total -> total.getKey().name.equals(name))
                .mapToDouble(total -> total.getValue().value)
                .sum());
    }

    private void addSamples(RunFacts facts, String event) {
        Map<String, String> of = Map.of("event", event);
        add("samples_total", "Samples in profiles.", of, (double)
                facts.completeness().samples());
        add("complete_stacks_total", "Samples whose user stack has every frame.", of, (double)
                facts.completeness().complete());
        add("own_samples_total", "Samples of perf-agent itself, in no profile.", of, (double) facts.own());
        String outside = "Samples of processes that the PID namespace does not see, in no profile.";
        add("outside_samples_total", outside, of, (double) facts.counters().outside());
        for (WalkEnd end : WalkEnd.values()) {
            if (!end.complete()) {
                cause(
                        "cut_stacks_total",
                        "Samples whose user stack is cut, by cause.",
                        event,
                        end,
                        facts.completeness().samples(end));
            }
        }
        String guessed = "Samples that reach the thread's first frame, but may lack others.";
        add("guessed_stacks_total", guessed, of, (double) facts.completeness().guessed());
        for (PythonFrames.End end : PythonFrames.End.values()) {
            if (end.lost()) {
                String help = "Samples whose Python frames could not be read, or not all of them, by cause.";
                cause(
                        "unread_python_samples_total",
                        help,
                        event,
                        end,
                        facts.pythonReading().samples(end));
            }
        }
        for (SymbolMiss miss : SymbolMiss.values()) {
            String help = "Frames without a name, once for each sample that they are in, by cause.";
            cause("unnamed_frames_total", help, event, miss, facts.naming().unnamed(miss));
        }
    }

    private void addLosses(RunFacts facts, String event) {
        Losses.of(facts)
                .forEach((cause, samples) ->
                        add("lost_samples_total", "Samples in no profile, by cause.", labels(event, cause), (double)
                                samples));
    }

    private void addCost(SamplerCounters counters, String event) {
        Map<String, String> of = Map.of("event", event);
        String program = "Time that programs in the kernel took for samples, which is no CPU time of the process.";
        add("kernel_seconds_total", program, of, counters.programNanos() / NANOS);
        add("walked_frames_total", "User frames walked in the kernel.", of, (double) counters.userFrames());
        add("walk_seconds_total", "Of the time in the kernel, that of walks.", of, counters.walkNanos() / NANOS);
        add("python_frames_total", "Python frames read in the kernel.", of, (double) counters.pythonFrames());
        add("python_seconds_total", "Of the time in the kernel, that of Python.", of, counters.pythonNanos() / NANOS);
    }

    private void addWaits(RunFacts facts, String event) {
        Map<String, String> of = Map.of("event", event);
        add("waits_total", "Waits of targets that have ended.", of, (double)
                facts.waits().waits());
        add(
                "wait_seconds_total",
                "Time off the CPU, of all of these.",
                of,
                facts.waits().nanos() / NANOS);
        lostWaits(event, "end_not_told", facts.waits().unseen(), facts.waits().unseenNanos());
        lostWaits(
                event, "went_on_at_the_cut", facts.open().unread(), facts.open().unreadNanos());
    }

    private void lostWaits(String event, String cause, long waits, long nanos) {
        String help = "Waits that were not to be recorded, beside those among lost samples, by cause.";
        add("lost_waits_total", help, labels(event, cause), (double) waits);
        add("lost_wait_seconds_total", "Time of these.", labels(event, cause), nanos / NANOS);
    }

    private void cause(String name, String help, String event, Enum<?> cause, long count) {
        add(name, help, labels(event, cause.name().toLowerCase(Locale.ROOT)), (double) count);
    }

    private static Map<String, String> labels(String event, String cause) {
        return Map.of("event", event, "cause", cause);
    }

    private void add(String name, String help, Map<String, String> labels, double value) {
        totals.merge(
                new Key(name, labels),
                new Total(help, value),
                (before, added) -> new Total(help, before.value + added.value));
    }
}
