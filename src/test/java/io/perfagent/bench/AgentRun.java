package io.perfagent.bench;

import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * One run of ./perf-agent, seen from outside, by the comments of its profile and by what it says of itself.
 *
 * @param words comments of the profile, one a line, and the log
 * @param stacks samples with a user stack, and how many of them end in a thread's first function
 * @param finishSeconds from the end of the profile's duration to the file under its final name
 * @param fileBytes of the profile
 * @param cpuSeconds user and system time from start to exit
 * @param steadyShare CPU time while it did nothing but sample, 1 is one CPU; NaN for a run under ten seconds
 * @param peakKilobytes largest resident set
 * @param program what bpf_stats counted for the program; null where it was off
 */
record AgentRun(
        String words,
        ProfileStacks stacks,
        double finishSeconds,
        long fileBytes,
        double cpuSeconds,
        double steadyShare,
        long peakKilobytes,
        ProcessFiles.ProgramRuns program) {

    static AgentRun of(Target target, int rate, int seconds, String... options)
            throws IOException, InterruptedException {
        Path file = Files.createTempFile("perf-agent-bench-", ".pb.gz");
        Path output = Files.createTempFile("perf-agent-bench-", ".log");
        try {
            AgentWatch watch = new AgentWatch(seconds);
            Command.Finished run = Command.run(command(target, rate, seconds, file, options), output, watch);
            return of(file, run, watch, Files.readString(output));
        } finally {
            Files.delete(file);
            Files.delete(output);
        }
    }

    /** The number that a pattern's group finds in the words; NaN where it finds none. */
    double number(String pattern) {
        return Text.number(words, pattern);
    }

    double nanosPerFrame() {
        return number("walk: ([\\d.]+) ns per frame");
    }

    double framesPerSample() {
        return number("over (\\d+) frames") / number("frames of (\\d+) samples");
    }

    double microsPerSample() {
        return number("([\\d.]+) us of kernel time per sample");
    }

    double tableBytes() {
        return number("tables: (\\d+) bytes");
    }

    double samples() {
        return number("samples: (\\d+) taken");
    }

    private static List<String> command(Target target, int rate, int seconds, Path file, String... options) {
        List<String> command = new ArrayList<>(List.of("./perf-agent", "--profile", "--verbose"));
        command.addAll(List.of("--pid", Long.toString(target.pid()), "--sample-rate", Integer.toString(rate)));
        command.addAll(List.of("--duration", seconds + "s", "--profile-output", file.toString()));
        command.addAll(List.of(options));
        return command;
    }

    private static AgentRun of(Path file, Command.Finished run, AgentWatch watch, String log) throws IOException {
        ProfileProto.Profile profile;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            profile = ProfileProto.Profile.parseFrom(in);
        }
        StringBuilder comments = new StringBuilder();
        profile.getCommentList()
                .forEach(index -> comments.append(profile.getStringTable(index.intValue()))
                        .append('\n'));
        Instant end = Instant.EPOCH.plusNanos(profile.getTimeNanos()).plusNanos(profile.getDurationNanos());
        // A rename changes ctime: the moment at which the file got its name.
        Instant named = ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
        return new AgentRun(
                comments + log,
                ProfileStacks.of(profile),
                Duration.between(end, named).toNanos() / 1e9,
                Files.size(file),
                run.cpuSeconds(),
                watch.steadyShare(),
                watch.peakKilobytes(),
                watch.program());
    }
}
