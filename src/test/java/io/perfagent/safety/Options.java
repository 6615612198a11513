package io.perfagent.safety;

import java.util.HashMap;
import java.util.Map;

/** Arguments of the form {@code name=value}; an empty value is none. */
final class Options {
    private final Map<String, String> values = new HashMap<>();

    Options(String... arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("not name=value: " + argument);
            }
            if (equals + 1 < argument.length()) {
                values.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
        }
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(text(name, Integer.toString(otherwise)));
    }
}
