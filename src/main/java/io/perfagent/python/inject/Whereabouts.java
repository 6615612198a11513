package io.perfagent.python.inject;

import io.perfagent.model.Mapping;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where threads were met that could do nothing for us, to say so in the end. */
final class Whereabouts {
    /** More looks than fit into the time for one command. */
    private static final int MOST = 4096;

    private static final int NAMED = 3;

    private final long[] programCounters = new long[MOST];
    private int count;

    /** Cheap enough for a stop. */
    void add(long programCounter) {
        if (count < MOST) {
            programCounters[count++] = programCounter;
        }
    }

    /** {@code "met in libc.so.6 310, libz.so.1 90 of 400 looks"}. */
    String in(List<Mapping> mappings) {
        if (count == 0) {
            return "every thread was blocked in a call that it cannot be borrowed from";
        }
        Map<String, Integer> counts = new HashMap<>();
        Arrays.stream(programCounters, 0, count)
                .forEach(programCounter -> counts.merge(file(mappings, programCounter), 1, Integer::sum));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(NAMED)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ", "met in ", " of " + count + " looks"));
    }

    private static String file(List<Mapping> mappings, long programCounter) {
        return mappings.stream()
                .filter(mapping -> mapping.start() <= programCounter && programCounter < mapping.end())
                .findFirst()
                .map(mapping -> mapping.path().substring(mapping.path().lastIndexOf('/') + 1))
                .filter(name -> !name.isEmpty())
                .orElse("nameless code");
    }
}
