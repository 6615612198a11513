package io.perfagent.agent;

import io.perfagent.target.LiveProcess;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** The default name of a profile: {@code <comm>-<yyyyMMddHHmm>-on-cpu.pb.gz}; no comm with several targets. */
final class OutputName {
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");

    private OutputName() {}

    static Path of(ProfileRequest request, List<LiveProcess> targets, LocalDateTime now) {
        if (request.output() != null) {
            return request.output();
        }
        boolean one = !request.allProcesses() && targets.size() == 1;
        String prefix = one ? fileName(targets.getFirst().comm()) + "-" : "";
        return Path.of(prefix + MINUTE.format(now) + "-on-cpu.pb.gz");
    }

    /** A process chooses its own name: only what is harmless in a file name stays. */
    static String fileName(String comm) {
        String safe = comm.replaceAll("[^A-Za-z0-9._+-]", "_");
        return safe.startsWith(".") || safe.startsWith("-") || safe.isEmpty() ? "_" + safe : safe;
    }
}
