package io.perfagent.push.series;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is said of a series or of a process, by the names of OpenTelemetry's conventions, {@code process.executable.name}. Never without
 * {@code service.name}; no value is empty.
 */
public record Labels(SortedMap<String, String> values) {
    private static final String SERVICE = "service.name";

    public Labels {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        if (values.getOrDefault(SERVICE, "").isEmpty()) {
            throw new IllegalArgumentException("no service.name among " + values.keySet());
        }
    }

    public String service() {
        return values.getOrDefault(SERVICE, "");
    }

    /** The same and one more; the same where the value is empty. */
    public Labels with(String name, String value) {
        if (value.isEmpty()) {
            return this;
        }
        SortedMap<String, String> more = new TreeMap<>(values);
        more.put(name, value);
        return new Labels(more);
    }

    /** As names of labels are spelled in Prometheus' data model: {@code process_executable_name}. */
    public Map<String, String> underscored() {
        SortedMap<String, String> spelled = new TreeMap<>();
        values.forEach((name, value) -> spelled.put(name.replaceAll("[^A-Za-z0-9_]", "_"), value));
        return spelled;
    }
}
