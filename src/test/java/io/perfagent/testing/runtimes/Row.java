package io.perfagent.testing.runtimes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program of {@code src/test/workloads/runtimes/rows}, which says what each word means.
 *
 * @param suite that it is run in
 * @param command for a shell
 * @param complete per cent of samples
 */
public record Row(String name, String suite, String command, Chain chain, double complete) {
    private static final Path TOP = Path.of("").toAbsolutePath();
    private static final Path HERE = TOP.resolve("src/test/workloads/runtimes");
    private static final Map<String, String> PLACES = Map.of(
            "out", TOP.resolve("target/runtimes").toString(),
            "workloads", TOP.resolve("target/workloads").toString(),
            "interpreters", TOP.resolve("target/interpreters").toString(),
            "python", TOP.resolve("target/interpreters/bytedeco-3.13.5/python").toString());

    public static List<Row> all() throws IOException {
        List<Row> rows = new ArrayList<>();
        Map<String, String> given = new HashMap<>();
        for (String line : Files.readAllLines(HERE.resolve("rows"))) {
            String[] parts = line.split(" ", 2);
            String rest = parts.length > 1 ? parts[1] : "";
            if (parts[0].equals("run")) {
                rows.add(row(rest.split(": ", 2), given));
            } else {
                given.put(parts[0], rest);
            }
        }
        return rows;
    }

    private static Row row(String[] run, Map<String, String> given) {
        String chain = given.get("chain");
        String complete = given.get("complete");
        if (run.length != 2 || chain == null || complete == null) {
            throw new IllegalArgumentException("a row without command, chain or share: " + run[0]);
        }
        return new Row(run[0], given.getOrDefault("suite", ""), run[1], Chain.of(chain), Double.parseDouble(complete));
    }

    /** Starts in the folder of the sources, as the process that asks for it. */
    public List<String> argv() {
        StringBuilder script = new StringBuilder("cd " + HERE + "\n");
        PLACES.forEach(
                (name, place) -> script.append(name).append("='").append(place).append("'\n"));
        return List.of("sh", "-c", script + "exec env " + command);
    }

    @Override
    public String toString() {
        return name;
    }
}
