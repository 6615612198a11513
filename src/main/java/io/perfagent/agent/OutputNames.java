package io.perfagent.agent;

import io.perfagent.linux.StandardStream;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.output.ProfileDestination;
import io.perfagent.output.StandardOutput;
import io.perfagent.output.UntakenFile;
import io.perfagent.process.LiveProcess;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Where profiles go: where the user wants it, or to {@code <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz} in the working directory, no comm with
 * several targets. Of a series each has its number in the name, {@code service-0001.pb.gz}.
 */
final class OutputNames {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");
    private static final String EXTENSION = ".pb.gz";

    private final ProfileRequest request;
    private final String prefix;
    private int number;

    OutputNames(ProfileRequest request, List<LiveProcess> targets) {
        this.request = request;
        boolean one = !request.allProcesses() && targets.size() == 1;
        this.prefix = one ? fileName(targets.getFirst().comm()) + "-" : "";
    }

    /** A series cannot go to standard output. */
    void requireFiles() throws CannotStartException {
        if (request.output() != null
                && ProfileDestination.named(request.output(), standardOutput()) instanceof StandardOutput) {
            throw new CannotStartException("--every writes one file after the other: give the name of a file to -o");
        }
    }

    ProfileDestination next() {
        String count = request.every() == null ? "" : String.format(Locale.ROOT, "-%04d", ++number);
        Path output = request.output();
        if (output != null) {
            return ProfileDestination.named(numbered(output, count), standardOutput());
        }
        String minute = MINUTE.format(LocalDateTime.now(ZoneId.systemDefault()));
        return new UntakenFile(Path.of(""), prefix + minute + "-on-cpu" + count, EXTENSION);
    }

    private static Path numbered(Path output, String count) {
        String name = output.toString();
        boolean usual = name.endsWith(EXTENSION);
        String stem = usual ? name.substring(0, name.length() - EXTENSION.length()) : name;
        return count.isEmpty() ? output : Path.of(stem + count + (usual ? EXTENSION : ""));
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
