package io.perfagent.top;

import io.perfagent.report.Log;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.WCWidth;

/** A line of the screen: pieces of text in styles, together no wider than there is room. Whoever the text is of, it is shown as text. */
final class Line {
    private static final String CUT = "…";

    private final int room;
    private final List<Piece> pieces = new ArrayList<>();
    private int columns;

    private record Piece(Style style, String text) {}

    /** @param room columns */
    Line(int room) {
        this.room = room;
    }

    Line add(String text) {
        return add(Style.PLAIN, text);
    }

    Line add(Style style, String text) {
        return append(style, cut(Log.oneLine(text), room - columns));
    }

    /** Text in a field of so many columns, its end left out where it is too long. */
    Line field(Style style, String text, int width) {
        int end = columns + width;
        return append(style, cut(Log.oneLine(text), Math.min(width, room - columns)))
                .to(end);
    }

    /** The same with its beginning left out: of paths the end says more. */
    Line lastOf(Style style, String text, int width) {
        return append(style, cutFront(Log.oneLine(text), Math.min(width, room - columns)));
    }

    private Line append(Style style, String visible) {
        pieces.add(new Piece(style, visible));
        columns += columns(visible);
        return this;
    }

    /** Blanks up to a column. */
    Line to(int column) {
        return append(Style.PLAIN, " ".repeat(Math.max(0, Math.min(column, room) - columns)));
    }

    int columns() {
        return columns;
    }

    /** For terminals: with SGR sequences around what has a style (ECMA-48, 8.3.117). */
    String styled(boolean colours) {
        StringBuilder styled = new StringBuilder();
        for (Piece piece : pieces) {
            styled.append(piece.style.begin(colours)).append(piece.text).append(piece.style.end(colours));
        }
        return styled.toString();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text));
        return text.toString().stripTrailing();
    }

    /** Columns that a terminal gives the text. */
    static int columns(String text) {
        return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }

    /** As much of the beginning as there is room for; says where something is missing. */
    static String cut(String text, int room) {
        if (columns(text) <= room) {
            return text;
        }
        return room <= 0 ? "" : beginning(text, room - 1) + CUT;
    }

    /** As much of the end. */
    static String cutFront(String text, int room) {
        if (columns(text) <= room) {
            return text;
        }
        String backwards = new StringBuilder(text).reverse().toString();
        String end = beginning(backwards, Math.max(0, room - 1));
        return room <= 0 ? "" : CUT + new StringBuilder(end).reverse();
    }

    private static String beginning(String text, int room) {
        int columns = 0;
        int at = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            columns += Math.max(0, WCWidth.wcwidth(c));
            if (columns > room) {
                break;
            }
            at += Character.charCount(c);
        }
        return text.substring(0, at);
    }
}
