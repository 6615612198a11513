package io.perfagent.agent;

import io.perfagent.linux.StandardStream;
import io.perfagent.output.ProfileDestination;
import io.perfagent.output.StandardOutput;
import io.perfagent.output.UntakenFile;
import io.perfagent.process.LiveProcess;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * Where a profile goes: where the user wants it, or to {@code <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz} in the working directory, no comm with
 * several targets.
 */
final class OutputName {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");

    private OutputName() {}

    static ProfileDestination of(ProfileRequest request, List<LiveProcess> targets, LocalDateTime now) {
        if (request.output() != null) {
            return ProfileDestination.named(request.output(), standardOutput());
        }
        boolean one = !request.allProcesses() && targets.size() == 1;
        String prefix = one ? fileName(targets.getFirst().comm()) + "-" : "";
        return new UntakenFile(Path.of(""), prefix + MINUTE.format(now) + "-on-cpu", ".pb.gz");
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
