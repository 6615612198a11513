package io.perfagent.agent;

import io.perfagent.linux.StandardStream;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.output.Destination;
import io.perfagent.output.Export;
import io.perfagent.output.StandardOutput;
import io.perfagent.output.UntakenFile;
import io.perfagent.process.LiveProcess;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where profiles go: where the user wants it, or to {@code <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz}, {@code …-off-cpu.pb.gz} or {@code …-wall.pb.gz} in the working
 * directory, no comm with several targets. Of a series each has its number in the name, {@code service-0001.pb.gz}.
 */
final class OutputNames {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");

    private final ProfileRequest request;
    private final String prefix;
    private int number;

    OutputNames(ProfileRequest request, List<LiveProcess> targets) {
        this.request = request;
        boolean one = !request.allProcesses() && targets.size() == 1;
        this.prefix = one ? fileName(targets.getFirst().comm()) + "-" : "";
    }

    /** Standard output takes one profile, and no series. */
    void check() throws CannotStartException {
        long standard = request.events().stream()
                .flatMap(event -> exports(event, "").stream())
                .filter(export -> export.destination() instanceof StandardOutput)
                .count();
        if (standard > 0 && request.every() != null) {
            throw new CannotStartException("--every writes one file after the other: give the name of a file to -o");
        }
        if (standard > 1) {
            throw new CannotStartException(
                    "standard output takes one profile: give the names of files to the other -o");
        }
    }

    /** Of the next profiles. */
    Exports next() {
        String count = request.every() == null ? "" : String.format(Locale.ROOT, "-%04d", ++number);
        Map<Event, List<Export>> all = new EnumMap<>(Event.class);
        request.events().forEach(event -> all.put(event, exports(event, count)));
        return new Exports(all);
    }

    /** Of each event's profile the ways out. */
    record Exports(Map<Event, List<Export>> all) {
        List<Export> of(Event event) {
            return all.getOrDefault(event, List.of());
        }
    }

    private List<Export> exports(Event event, String count) {
        return request.outputs(event).stream()
                .map(output -> new Export(output.format(), destination(event, output, count), output.foldPython()))
                .toList();
    }

    private Destination destination(Event event, Output output, String count) {
        Path path = output.path();
        if (path != null) {
            return Destination.named(numbered(path, count), output.format(), standardOutput());
        }
        return made("-" + request.label(event) + count, output.format().extension());
    }

    /** A file of a name of our own. */
    Destination made(String what, String extension) {
        String minute = MINUTE.format(LocalDateTime.now(ZoneId.systemDefault()));
        return new UntakenFile(Path.of(""), prefix + minute + what, extension);
    }

    /** Whether a profile goes to standard output. */
    boolean takeStandardOutput() {
        return request.events().stream()
                .flatMap(event -> request.outputs(event).stream().map(output -> destination(event, output, "")))
                .anyMatch(StandardOutput.class::isInstance);
    }

    private static Path numbered(Path output, String count) {
        String name = output.toString();
        String extension = Format.extensionOf(name);
        String stem = name.substring(0, name.length() - extension.length());
        return count.isEmpty() ? output : Path.of(stem + count + extension);
    }

    private static StandardOutput.State standardOutput() {
        if (!StandardStream.OUTPUT.isWritable()) {
            return StandardOutput.State.CLOSED;
        }
        return StandardStream.OUTPUT.isTerminal() ? StandardOutput.State.TERMINAL : StandardOutput.State.WRITABLE;
    }

    /** A process chooses its own name: only what is harmless in a file name stays. */
    static String fileName(String comm) {
        String safe = comm.replaceAll("[^A-Za-z0-9._+-]", "_");
        return safe.startsWith(".") || safe.startsWith("-") || safe.isEmpty() ? "_" + safe : safe;
    }
}
