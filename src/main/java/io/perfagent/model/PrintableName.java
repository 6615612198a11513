package io.perfagent.model;

import java.nio.charset.StandardCharsets;

/**
 * Text that others wrote, made safe to print: control, format and separator characters become U+FFFD, and so does what is no text,
 * surrogates without their other half for example.
 */
public final class PrintableName {
    private static final int MAX_CHARS = 4096;

    private PrintableName() {}

    /** A name of at most 4096 characters out of bytes that may be anything. */
    public static String of(byte[] utf8, int from, int length) {
        for (int at = from; at < from + length; at++) {
            if (utf8[at] < ' ' || utf8[at] == 0x7f) {
                return of(new String(utf8, from, length, StandardCharsets.UTF_8));
            }
        }
        return new String(utf8, from, Math.min(length, MAX_CHARS), StandardCharsets.ISO_8859_1);
    }

    /** A name of at most 4096 characters. */
    public static String of(String text) {
        return printable(text, MAX_CHARS);
    }

    /** Text of any length out of bytes that may be anything. */
    public static String whole(byte[] utf8, int from, int length) {
        for (int at = from; at < from + length; at++) {
            if (utf8[at] < ' ' || utf8[at] == 0x7f) {
                return whole(new String(utf8, from, length, StandardCharsets.UTF_8));
            }
        }
        return new String(utf8, from, length, StandardCharsets.ISO_8859_1);
    }

    /** Text of any length. */
    public static String whole(String text) {
        return printable(text, Long.MAX_VALUE);
    }

    private static String printable(String text, long maxChars) {
        return text.length() <= maxChars && isPrintable(text) ? text : replaced(text, maxChars);
    }

    /** As nearly all names are. */
    private static boolean isPrintable(String text) {
        int codePoint;
        for (int at = 0; at < text.length(); at += Character.charCount(codePoint)) {
            codePoint = text.codePointAt(at);
            if (hidden(codePoint)) {
                return false;
            }
        }
        return true;
    }

    private static String replaced(String text, long maxChars) {
        int[] printable = text.codePoints()
                .limit(maxChars)
                .map(c -> hidden(c) ? 0xfffd : c)
                .toArray();
        return new String(printable, 0, printable.length);
    }

    private static boolean hidden(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
