package io.perfagent.agent.demo;

import io.perfagent.agent.SessionResult;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the demo tells about its run. */
final class DemoReport {
    private DemoReport() {}

    /**
     * Prints the report.
     *
     * @param file for pprof
     * @param page for a browser
     * @param tree of the Python functions, a line each
     */
    static void print(PrintStream out, SessionResult result, Path file, Path page, List<String> tree) {
        out.println("Where the time went: Python functions below what calls them, with their share of all samples");
        tree.forEach(line -> out.println("  " + line));
        out.println();
        out.println("The run:");
        truth(result).forEach(line -> out.println("  " + line));
        out.println();
        out.println("The same for Go's tools: go tool pprof -top -show='^py::' " + file);
        out.println("The flame graph, to be opened in a browser: " + page.toAbsolutePath());
    }

    static List<String> truth(SessionResult result) {
        return List.of(
                result.samples() + " samples, " + result.completeSamples() + " of " + result.userSamples()
                        + " user stacks complete (" + share(result) + ")",
                result.dropped() + " samples dropped",
                Math.round(result.nanosPerFrame()) + " ns per unwound frame",
                stops(result));
    }

    private static String stops(SessionResult result) {
        return result.stops() == 0
                ? "the service was not stopped"
                : "the service was stopped " + result.stops() + " times, typically " + result.stopP50Nanos() / 1000
                        + " us, at most " + result.stopMaxNanos() / 1000 + " us";
    }

    /** Rounded down: 100 % means all of them. */
    private static String share(SessionResult result) {
        long samples = Math.max(1, result.userSamples());
        return String.format(Locale.ROOT, "%.2f %%", Math.floor(10_000.0 * result.completeSamples() / samples) / 100);
    }
}
