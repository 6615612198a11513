package io.perfagent.push.otlp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Messages or texts, each once, by the place at which they stand; what stands for nothing is the first. */
final class Table<T> {
    private final Map<T, Integer> indices = new LinkedHashMap<>();

    Table(T nothing) {
        indices.put(nothing, 0);
    }

    int index(T element) {
        Integer known = indices.putIfAbsent(element, indices.size());
        return known == null ? indices.size() - 1 : known;
    }

    Set<T> elements() {
        return indices.keySet();
    }
}
