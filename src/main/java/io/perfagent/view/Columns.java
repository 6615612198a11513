package io.perfagent.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table of numbers, to the right, with a name and a place behind them; these are cut to the width of the terminal. */
final class Columns {
    private static final String GAP = "  ";
    private static final int LEAST_NAME = 16;
    private static final int LEAST_PLACE = 12;
    private static final int MOST_PADDING = 60;

    private final List<String[]> rows = new ArrayList<>();
    private final int last;

    Columns(String... heads) {
        this.last = heads.length - 1;
        rows.add(heads);
    }

    void add(String... cells) {
        rows.add(cells);
    }

    /** @param width of a line, in characters; 0 where it does not matter */
    List<String> lines(int width) {
        int[] widths = new int[last];
        for (String[] row : rows) {
            for (int column = 0; column < last; column++) {
                widths[column] = Math.max(widths[column], row[column].codePointCount(0, row[column].length()));
            }
        }
        int numbers = Arrays.stream(widths, 0, last - 1).sum() + GAP.length() * last;
        int room = width == 0 ? Integer.MAX_VALUE : Math.max(LEAST_NAME, width - numbers);
        int place = room >= LEAST_NAME + GAP.length() + LEAST_PLACE ? LEAST_PLACE : 0;
        int name = Math.min(Math.min(widths[last - 1], MOST_PADDING), room - (place == 0 ? 0 : place + GAP.length()));
        return rows.stream()
                .map(row -> line(row, widths, name, width == 0 ? Integer.MAX_VALUE : room))
                .toList();
    }

    private String line(String[] row, int[] widths, int name, int room) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < last - 1; column++) {
            line.append(" ".repeat(widths[column] - length(row[column])))
                    .append(row[column])
                    .append(GAP);
        }
        boolean endless = room == Integer.MAX_VALUE;
        String function = endless ? row[last - 1] : beginning(row[last - 1], name);
        line.append(function).append(" ".repeat(Math.max(0, name - length(function))));
        int left = room - Math.max(name, length(function)) - GAP.length();
        if (left >= LEAST_PLACE || endless) {
            line.append(GAP).append(endless ? row[last] : end(row[last], left));
        }
        return line.toString().stripTrailing();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String beginning(String text, int most) {
        return length(text) <= most ? text : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }

    /** A file's name is at the end of its path. */
    private static String end(String text, int most) {
        return length(text) <= most ? text : "…" + text.substring(text.offsetByCodePoints(text.length(), -(most - 1)));
    }
}
