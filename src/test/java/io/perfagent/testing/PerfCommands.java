package io.perfagent.testing;

import java.nio.file.Path;
import java.util.List;

/** Commands of {@code perf}: one that samples a process, and one that writes down what it has taken. */
public final class PerfCommands {
    private PerfCommands() {}

    /**
     * {@code perf record}.
     *
     * @param callGraph what {@code --call-graph} gets
     * @param data where it goes
     */
    public static List<String> record(long pid, String callGraph, int rate, int seconds, Path data) {
        return List.of("perf record -q -e cpu-clock -F %d --call-graph %s -o %s -p %d -- sleep %d"
                .formatted(rate, callGraph, data, pid, seconds)
                .split(" "));
    }

    /**
     * {@code perf script}, which is where DWARF unwinding happens. Without inlined functions, which perf finds by starting addr2line for each
     * frame, and without its limit of 127 frames.
     *
     * @param fields what stands there of each sample
     */
    public static List<String> script(Path data, String fields) {
        return List.of("perf script --no-inline --max-stack 4096 -F %s -i %s"
                .formatted(fields, data)
                .split(" "));
    }
}
