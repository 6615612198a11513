package io.perfagent.report;

import io.perfagent.linux.BootClock;
import io.perfagent.procfs.ProcStat;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * What it took until samples came in.
 *
 * @param walkerNanos to load the walker, the JVM's part included
 * @param loadNanos of these, in libbpf and in the kernel
 * @param tablesNanos to read the targets' mappings and compile their tables
 * @param tableBytes size of all tables
 * @param cfiRows rows of call-frame information that they hold
 * @param firstSampleNanos CLOCK_MONOTONIC of the first sample, 0 where there was none
 */
public record StartCost(
        long walkerNanos, long loadNanos, long tablesNanos, long tableBytes, long cfiRows, long firstSampleNanos) {
    List<String> lines() {
        String loaded = String.format(
                Locale.ROOT,
                "walker in %.1f ms (BPF object loaded in %.1f ms), tables in %.1f ms",
                walkerNanos / 1e6,
                loadNanos / 1e6,
                tablesNanos / 1e6);
        return List.of(
                "start: " + loaded + firstSample(),
                String.format(
                        Locale.ROOT,
                        "tables: %d bytes, %.2f per row of call-frame information",
                        tableBytes,
                        cfiRows == 0 ? 0 : (double) tableBytes / cfiRows));
    }

    private String firstSample() {
        if (firstSampleNanos == 0) {
            return "";
        }
        try {
            double ago = (System.nanoTime() - firstSampleNanos) / 1e9; // nanoTime is CLOCK_MONOTONIC too
            return String.format(Locale.ROOT, ", first sample %.2f s after exec", age() - ago);
        } catch (IOException _) {
            return "";
        }
    }

    /** Seconds since this process began. */
    private static double age() throws IOException {
        int pid = (int) ProcessHandle.current().pid();
        return BootClock.since(ProcStat.read(pid).startTime(), BootClock.nanos()) / 1e9;
    }
}
