package io.perfagent.report;

import java.util.regex.Pattern;

/** Text that is to be pasted into a shell. */
final class Shell {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_/.,:=@%+-]+");

    private Shell() {}

    /** The text as one word of a POSIX shell (XCU 2.2.2): in single quotes unless it is plain. */
    static String word(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
