package io.perfagent.agent;

import io.perfagent.linux.StandardStream;
import org.jspecify.annotations.Nullable;

/** What a view needs of the terminal. */
public final class TerminalNeeds {
    private static final String INSTEAD = "; perf-agent --pid N -d 10 -o app.html needs none";

    private TerminalNeeds() {}

    /**
     * What is missing, and what to do about it; null where nothing is.
     *
     * @param type the environment's TERM
     */
    public static @Nullable String missing(@Nullable String type) {
        if (!StandardStream.INPUT.isTerminal()) {
            return "top needs a terminal, and standard input is none: ssh gives one with -t" + INSTEAD;
        }
        if (!StandardStream.OUTPUT.isTerminal()) {
            return "top needs a terminal, and standard output is none: leave it where it is" + INSTEAD;
        }
        return missingOfType(type == null ? "" : type);
    }

    private static @Nullable String missingOfType(String type) {
        return type.isEmpty() || type.equals("dumb")
                ? "top needs a terminal that can place text, and TERM is " + (type.isEmpty() ? "not set" : type)
                        + ": set it to what the terminal is, TERM=xterm for most" + INSTEAD
                : null;
    }
}
