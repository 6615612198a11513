package io.perfagent.testing.truth;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a function of a workload may be: what marks in its source say. A number in the place of {@code #} makes it one function of
 * many, each so many lines further on.
 *
 * @param name qualified
 * @param file the source, as the interpreter was given it
 * @param start first line of the function, with its decorators
 * @param lines those that it runs on, or calls the next function from
 */
record Place(String name, String file, long start, Set<Long> lines) {
    private static final String NUMBER = "#";

    /** What is wrong about a call that ought to be here; empty if nothing is. */
    String fault(Call call, boolean innermost, int minor) {
        if (name.contains(NUMBER)) {
            Matcher number = Pattern.compile(Pattern.quote(name).replace(NUMBER, "\\E(\\d+)\\Q"))
                    .matcher(call.name());
            return number.matches() ? numbered(number.group(1)).fault(call, innermost, minor) : "not " + name;
        }
        if (!call.name().equals(nameIn(minor))) {
            return "not " + nameIn(minor);
        }
        if (!call.file().equals(file)) {
            return "not in " + file;
        }
        if (call.start() != start) {
            return "does not start on line " + start;
        }
        return lines.contains(call.line()) || (innermost && call.line() == start) ? "" : "not on any line of " + lines;
    }

    /** Until 3.10 code has no other name than the one it was defined by. */
    private String nameIn(int minor) {
        return minor >= 11 ? name : name.substring(name.lastIndexOf('.') + 1);
    }

    private Place numbered(String digits) {
        long number = Long.parseLong(digits);
        Set<Long> moved = new TreeSet<>();
        lines.forEach(line -> moved.add(line + number));
        return new Place(name.replace(NUMBER, digits), file.replace(NUMBER, digits), start + number, moved);
    }

    /** Whether a call is of this function by name and file, wherever it is. */
    boolean isFunction(Call call, int minor) {
        return call.name().equals(nameIn(minor)) && call.file().equals(file);
    }
}
