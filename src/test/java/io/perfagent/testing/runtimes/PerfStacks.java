package io.perfagent.testing.runtimes;

import io.perfagent.testing.PerfCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;

/**
 * How many stacks of a program's first thread {@code perf} follows to where that begins. Its output, of a sample:
 *
 * <pre>
 *    4711
 *   {tab} 4011d6 leaf
 *   {tab} 401050 _start
 *   {empty line}
 * </pre>
 */
public final class PerfStacks {
    private static final int RATE = 99;
    private static final int SECONDS = 3;
    private static final long PATIENCE_SECONDS = 60;

    private static final Pattern BEGIN = Pattern.compile(" (_start|__libc_start_(call_)?main)\\b");

    private final String thread;
    private final LongPredicate entry;
    private final List<String> frames = new ArrayList<>();
    private boolean ofThread;
    private long samples;
    private long complete;

    private PerfStacks(int pid, LongPredicate entry) {
        this.thread = Integer.toString(pid);
        this.entry = entry;
    }

    /**
     * Samples a process for some seconds.
     *
     * @param entry as that of {@link Verdict#of}
     * @param callGraph what {@code --call-graph} gets
     * @return per cent, for a table; a reason where perf has come to no end
     */
    public static String of(int pid, LongPredicate entry, String callGraph) throws IOException, InterruptedException {
        Path data = Files.createTempFile("perf-stacks-", ".data");
        Path text = Files.createTempFile("perf-stacks-", ".txt");
        try {
            PerfStacks stacks = new PerfStacks(pid, entry);
            boolean done = runs(text, PerfCommands.record(pid, callGraph, RATE, SECONDS, data))
                    && runs(text, PerfCommands.script(data, "tid,ip,sym"));
            return done ? stacks.read(text) : "more than a minute";
        } finally {
            Files.deleteIfExists(data);
            Files.deleteIfExists(Path.of(data + ".old"));
            Files.delete(text);
        }
    }

    private static boolean runs(Path output, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        boolean done = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        return done;
    }

    private String read(Path text) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(text)) {
            lines.lines().forEach(this::line);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return samples == 0 ? "no sample" : String.format(Locale.ROOT, "%.1f", 100.0 * complete / samples);
    }

    private void line(String line) {
        if (line.isBlank()) {
            samples += ofThread && !frames.isEmpty() ? 1 : 0;
            complete += ofThread && begins() ? 1 : 0;
            frames.clear();
        } else if (line.startsWith("\t")) {
            frames.add(line.strip());
        } else {
            ofThread = line.strip().equals(thread);
        }
    }

    /** Where the kernel has jumped to, or in what has called main: by name, for perf writes addresses of either kind. */
    private boolean begins() {
        return !frames.isEmpty()
                && (BEGIN.matcher(frames.getLast()).find()
                        || entry.test(Long.parseUnsignedLong(frames.getLast().split(" ", 2)[0], 16)));
    }
}
