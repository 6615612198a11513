package io.perfagent.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table in plain text: the first column to the left, the others to the right. */
public final class Table {
    private final String title;
    private final List<String[]> rows = new ArrayList<>();

    public Table(String title, String... header) {
        this.title = title;
        rows.add(header);
    }

    /** A table of {@link #figure}s. */
    static Table ofFigures(String title) {
        return new Table(title, "", "median", "min .. max", "unit", "target", "");
    }

    public void row(String... cells) {
        rows.add(cells);
    }

    /** A row for a quantity without target. */
    void figure(String name, Figures figures, String unit) {
        row(name, figures.text(), figures.range(), unit, "", "");
    }

    /** A row for a quantity that is to be at most {@code target}; NaN for none. */
    void figure(String name, Figures figures, String unit, double target) {
        if (Double.isNaN(target)) {
            figure(name, figures, unit);
            return;
        }
        String verdict = figures.median() <= target ? "met" : "MISSED";
        row(name, figures.text(), figures.range(), unit, "<= " + Figures.text(target), verdict);
    }

    public void print(PrintStream out) {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        out.println();
        out.println(title);
        rows.forEach(row -> out.println(line(row, widths)));
        out.flush();
    }

    private static String line(String[] row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            String blanks = " ".repeat(widths[i] - row[i].length());
            line.append("  ").append(i == 0 ? row[i] + blanks : blanks + row[i]);
        }
        return line.toString().stripTrailing();
    }
}
