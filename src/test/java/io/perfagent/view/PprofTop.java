package io.perfagent.view;

import io.perfagent.testing.Pprof;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of {@code go tool pprof -top}, which is the oracle of ours.
 *
 * @param function with its source file, where that is known
 */
record PprofTop(long self, long total, String function) {
    private static final Pattern ROW = Pattern.compile(
            "\\s*(-?\\d+)[a-zA-Z]* +\\S+ +\\S+ +(-?\\d+)[a-zA-Z]* +\\S+  (.*?)(?: \\(inline\\)| \\(partial-inline\\))?");

    /** All rows, the largest first; amounts are in {@code unit}. */
    static List<PprofTop> of(Path file, String unit, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "-top", "-filefunctions", "-nodecount=1000000", "-nodefraction=0", "-symbolize=none", "-unit=" + unit));
        arguments.addAll(List.of(more));
        arguments.add(file.toString());
        String output = Pprof.output(arguments.toArray(String[]::new));
        List<PprofTop> rows = new ArrayList<>();
        for (String line : output.substring(output.indexOf("flat%")).split("\n", -1)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(new PprofTop(Long.parseLong(row.group(1)), Long.parseLong(row.group(2)), row.group(3)));
            }
        }
        return rows;
    }

    /** Rows of ours as pprof has them: code without a source file has none, and lines are left out. */
    static List<PprofTop> of(Tally tally) {
        List<PprofTop> rows = new ArrayList<>();
        for (int number : TopTable.order(tally, Sort.SELF)) {
            Row row = tally.rows().get(number);
            String file = row.file().matches(".*\\.(go|py|s|c)|<.*") ? " " + row.file() : "";
            rows.add(new PprofTop(tally.totals().self(number), tally.totals().total(number), row.name() + file));
        }
        return rows;
    }
}
