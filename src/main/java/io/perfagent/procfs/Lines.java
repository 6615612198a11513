package io.perfagent.procfs;

import java.util.List;

/**
 * The lines of a file of {@code /proc}. The kernel ends them with {@code \n} and escapes only that in names, so a carriage return, which
 * {@link String#lines} splits at, too, is a part of some name: whoever chose it would write lines of the file.
 */
final class Lines {
    private Lines() {}

    /** Without their ends; an empty one behind the last end is none. */
    static List<String> of(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\n"));
    }
}
