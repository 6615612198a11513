package io.perfagent.symbolize;

import java.nio.charset.StandardCharsets;

/** A name from a file that others wrote, made safe to print: control, format and separator characters become U+FFFD. */
final class PrintableName {
    private static final int MAX_CHARS = 4096;

    private PrintableName() {}

    static String of(byte[] utf8, int from, int length) {
        for (int at = from; at < from + length; at++) {
            if (utf8[at] < ' ' || utf8[at] == 0x7f) {
                return of(new String(utf8, from, length, StandardCharsets.UTF_8));
            }
        }
        return new String(utf8, from, Math.min(length, MAX_CHARS), StandardCharsets.ISO_8859_1);
    }

    static String of(String text) {
        int[] printable = text.codePoints()
                .limit(MAX_CHARS)
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
