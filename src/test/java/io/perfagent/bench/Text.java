package io.perfagent.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers in what tools print. */
final class Text {
    private Text() {}

    /** The number that the pattern's group finds; NaN where it finds none. */
    static double number(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
    }
}
