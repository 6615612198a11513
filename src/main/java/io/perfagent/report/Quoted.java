package io.perfagent.report;

/** Text of others made safe for one line of ours. */
public final class Quoted {
    private Quoted() {}

    /** The text itself where it is one plain word, otherwise in quotation marks with escapes. */
    public static String of(String text) {
        return !text.isEmpty() && text.codePoints().allMatch(Quoted::plain) ? text : '"' + escaped(text) + '"';
    }

    private static boolean plain(int c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    }

    /** Without quotation marks: for text that is itself a sentence, and the last of its line. */
    static String line(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().forEach(c -> appendVisible(line, c));
        return line.toString();
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> escaped.append("\\n");
                case '"', '\\' -> escaped.append('\\').appendCodePoint(c);
                default -> appendVisible(escaped, c);
            }
        });
        return escaped.toString();
    }

    private static void appendVisible(StringBuilder escaped, int c) {
        if (visible(c)) {
            escaped.appendCodePoint(c);
        } else {
            escaped.append(String.format("\\u{%x}", c));
        }
    }

    /** Not visible: control characters, and all that hides in text, or makes a terminal put its parts into another order. */
    private static boolean visible(int c) {
        return (c >= ' ' && c < 0x7f) || (Character.isLetterOrDigit(c) && runsToTheRight(c));
    }

    private static boolean runsToTheRight(int c) {
        return Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT;
    }
}
