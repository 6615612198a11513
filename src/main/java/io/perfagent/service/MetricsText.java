package io.perfagent.service;

import io.perfagent.sink.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Metrics in Prometheus's text format, version 0.0.4: all of one name together, under one help and one type.
 *
 * <pre>
 *   # HELP perf_agent_samples_total Samples in profiles.
 *   # TYPE perf_agent_samples_total counter
 *   perf_agent_samples_total{event="on-cpu"} 5712.0
 * </pre>
 */
final class MetricsText {
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String PREFIX = "perf_agent_";

    private MetricsText() {}

    static String of(List<Metric> metrics) {
        Map<String, List<Metric>> byName = new LinkedHashMap<>();
        metrics.forEach(metric ->
                byName.computeIfAbsent(metric.name(), _ -> new ArrayList<>()).add(metric));
        StringBuilder text = new StringBuilder();
        byName.forEach((name, all) -> {
            Metric first = all.getFirst();
            String full = full(name);
            text.append("# HELP ")
                    .append(full)
                    .append(' ')
                    .append(escaped(first.help()))
                    .append('\n');
            text.append("# TYPE ").append(full).append(' ');
            text.append(first.kind().name().toLowerCase(Locale.ROOT)).append('\n');
            all.forEach(metric -> text.append(full)
                    .append(labels(metric.labels()))
                    .append(' ')
                    .append(metric.value())
                    .append('\n'));
        });
        return text.toString();
    }

    /** What every process has keeps its name. */
    private static String full(String name) {
        return name.startsWith("process_") || name.startsWith(PREFIX) ? name : PREFIX + name;
    }

    private static String labels(Map<String, String> labels) {
        return labels.isEmpty()
                ? ""
                : new TreeMap<>(labels)
                        .entrySet().stream()
                                .map(label -> label.getKey() + "=\""
                                        + escaped(label.getValue()).replace("\"", "\\\"") + "\"")
                                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n");
    }
}
