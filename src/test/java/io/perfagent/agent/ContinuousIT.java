package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.output.proto.ProfileProto;
import io.perfagent.testing.Agent;
import io.perfagent.testing.ClockOfOne;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code perf-agent run} as a process, ended, told to read its settings, asked over HTTP. */
@Timeout(
        value = 300,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // what waits for words of a run is not interrupted
class ContinuousIT {
    private static final String CHAIN =
            Path.of("target", "workloads", "chain").toAbsolutePath().toString();
    private static final Path INTERPRETERS = Path.of("target", "interpreters").toAbsolutePath();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+-\\d{8}T\\d{6}Z-on-cpu(-\\d+)?\\.pb\\.gz");
    private static final Pattern ADDRESS = Pattern.compile("answering on (http://\\S+)");
    private static final Pattern ENDED =
            Pattern.compile("run ended intervals=(\\d+) samples=(\\d+) own=0 outside=0 lost=0");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String PARSER = """
            import sys
            from prometheus_client.parser import text_string_to_metric_families
            for family in text_string_to_metric_families(sys.stdin.read()):
                assert family.documentation and family.type in ("counter", "gauge"), family
                for sample in family.samples:
                    print(sample.name, ",".join(sorted(sample.labels.values())), sample.value)
            """;

    /** Of an interval: when it begins and ends is the average of its threads, whose only one may have to wait for the look at it. */
    private static final double TOLERANCE = 0.1;

    @TempDir
    private Path directory;

    private TargetProgram target;

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(Map.of(), List.of(CHAIN));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    private Path profiles() {
        return directory.resolve("profiles");
    }

    private Process start(String... more) throws IOException {
        return start(Map.of(), more);
    }

    private Process start(Map<String, String> environment, String... more) throws IOException {
        String[] usual = {
            "run",
            "--config",
            "/dev/null",
            "--pid",
            Integer.toString(target.pid()),
            "-r",
            "99",
            "--directory",
            profiles().toString()
        };
        String[] all = Stream.concat(Stream.of(usual), Stream.of(more)).toArray(String[]::new);
        ProcessBuilder run = new ProcessBuilder(Agent.command(all)).directory(directory.toFile());
        run.environment().putAll(environment);
        return run.start();
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(profiles())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(profiles())) {
            return files.filter(file -> file.toString().endsWith(".pb.gz"))
                    .sorted()
                    .toList();
        }
    }

    private static ProfileProto.Profile read(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return ProfileProto.Profile.parseFrom(in);
        }
    }

    private static long samples(ProfileProto.Profile profile) {
        return profile.getSampleList().stream()
                .mapToLong(sample -> sample.getValue(0))
                .sum();
    }

    private long samplesInFiles() throws IOException {
        long sum = 0;
        for (Path file : files()) {
            sum += samples(read(file));
        }
        return sum;
    }

    private static void await(Process run, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertThat(run.isAlive() && System.nanoTime() < until)
                    .as("it comes to that")
                    .isTrue();
            Thread.sleep(50);
        }
    }

    private static HttpResponse<byte[]> get(String address) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    /** What Prometheus's own parser finds, a line each: name, labels, value. */
    private static List<String> parsed(byte[] metrics) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                INTERPRETERS.resolve("bytedeco-3.12.1/python").toString(), "-c", PARSER);
        builder.environment()
                .put("PYTHONPATH", INTERPRETERS.resolve("prometheus").toString());
        Process parser = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        parser.getOutputStream().write(metrics);
        parser.getOutputStream().close();
        String out = new String(parser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(parser.waitFor()).isZero();
        return out.lines().toList();
    }

    private static long value(List<String> metrics, String nameAndLabels) {
        return metrics.stream()
                .filter(line -> line.startsWith(nameAndLabels + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Each sample is in a file and in the figures; the last interval's come with the signal. A profile that is asked for is a part of these. */
    @Test
    void samplesAreInFilesAndFigures() throws Exception {
        Process run = start("--every", "1s", "--listen", "0");
        String address = address(Agent.saidUntil(run, "answering on"));
        await(run, () -> files().size() >= 2);
        HttpResponse<byte[]> profile = get(address + "profile?seconds=1&pid=" + target.pid());
        assertThat(profile.statusCode()).isEqualTo(200);
        Path asked = Files.write(directory.resolve("asked.pb.gz"), profile.body());
        assertThat(samples(read(asked))).isPositive();
        assertThat(get(address + "healthz").statusCode()).isEqualTo(200);
        List<String> metrics = parsed(get(address + "metrics").body());
        long counted = value(metrics, "perf_agent_samples_total on-cpu");
        assertThat(value(metrics, "perf_agent_complete_stacks_total on-cpu")).isPositive();
        assertThat(value(metrics, "perf_agent_walked_frames_total on-cpu")).isPositive();
        assertThat(value(metrics, "perf_agent_sink_intervals_total directory")).isGreaterThanOrEqualTo(2);
        assertThat(value(metrics, "process_resident_memory_bytes ")).isPositive();

        String said = Agent.saidWhenEnded(run);
        Matcher ended = ENDED.matcher(said);
        assertThat(ended.find()).as(said).isTrue();
        assertThat(Integer.parseInt(ended.group(1))).isEqualTo(files().size());
        long all = Long.parseLong(ended.group(2));
        assertThat(all).isGreaterThanOrEqualTo(counted);
        assertThat(samplesInFiles()).isEqualTo(all);
        assertThat(files())
                .allMatch(file -> NAME.matcher(file.getFileName().toString()).matches());
    }

    /** Its only thread was on the CPU or off it all the while. */
    @Test
    void intervalsOfTheWallClockAddUp() throws Exception {
        Process run = start("--wall", "--wakers", "--every", "2s");
        await(run, () -> files().size() >= 3);
        String said = Agent.saidWhenEnded(run);
        assertThat(files()).as(said).allMatch(file -> file.toString().endsWith("-wall.pb.gz"));
        for (Path file : files().subList(0, 3)) {
            ProfileProto.Profile profile = read(file);
            long nanos = profile.getSampleList().stream()
                    .mapToLong(sample -> sample.getValue(1))
                    .sum();
            System.out.printf("%.4f s in %.4f s%n", nanos / 1e9, profile.getDurationNanos() / 1e9);
            assertThat((double) nanos)
                    .isBetween(
                            (1 - TOLERANCE) * profile.getDurationNanos(), (1 + TOLERANCE) * profile.getDurationNanos());
        }
    }

    private static String address(String said) {
        Matcher address = ADDRESS.matcher(said);
        assertThat(address.find()).as(said).isTrue();
        return address.group(1);
    }

    /** No interval has ended before it is told to end. */
    @Test
    void theLastIntervalIsDelivered() throws Exception {
        Process run = start("--every", "10m");
        String begun = Agent.saidUntil(run, "profiling");
        Agent.awaitSampling(run);
        Thread.sleep(500); // some samples
        String said = Agent.saidWhenEnded(run);
        assertThat(files()).as(begun + said).hasSize(1);
        assertThat(samplesInFiles()).isPositive();
    }

    @Test
    void settingsAreReadAgain() throws Exception {
        Path config = directory.resolve("config.toml");
        Files.writeString(config, "every = \"10m\"\n");
        Process run = Agent.start(
                directory,
                "run",
                "--config",
                config.toString(),
                "--pid",
                Integer.toString(target.pid()),
                "--directory",
                profiles().toString());
        assertThat(Agent.saidUntil(run, "profiling")).contains("an interval each 600 s");
        Agent.awaitSampling(run);
        Files.writeString(config, "every = \"10x\"\n");
        hangUp(run);
        assertThat(Agent.saidUntil(run, "settings not taken")).contains(config + ":1: --every 10x is no duration");
        Files.writeString(config, "every = \"1s\"\n");
        hangUp(run);
        assertThat(Agent.saidUntil(run, "profiling")).contains("settings read again", "an interval each 1 s");
        await(run, () -> files().size() >= 3);
        hangUp(run);
        var _ = Agent.saidUntil(run, "settings read again: they are the same");
        assertThat(Agent.saidWhenEnded(run)).contains("run ended intervals=" + files().size());
    }

    private static void hangUp(Process run) throws Exception {
        var _ = Tool.output("kill", "-HUP", Long.toString(run.pid()));
    }

    /** Intervals are lost while there is no room, which is said once, and no longer than that. */
    @Test
    void aFullDiskEndsNothing() throws Exception {
        Files.createDirectory(profiles());
        var _ = Tool.output(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=2m",
                "perf-agent-test",
                profiles().toString());
        try {
            Path filler = Files.write(profiles().resolve("filler"), new byte[2 << 20]);
            Process run = start("--every", "1s", "--listen", "0");
            String address = address(Agent.saidUntil(run, "answering on"));
            await(run, () -> lost(address) >= 2);
            assertThat(files()).isEmpty();
            Files.delete(filler);
            await(run, () -> !files().isEmpty());
            String said = Agent.saidWhenEnded(run);
            assertThat(said)
                    .containsOnlyOnce("directory has lost an interval, and the run goes on: cannot write to "
                            + profiles() + ": No space left on device")
                    .contains("directory takes intervals again, after ");
            try (Stream<Path> left = Files.list(profiles())) {
                assertThat(left).noneMatch(file -> file.toString().endsWith(".partial"));
            }
        } finally {
            var _ = Tool.output("umount", profiles().toString());
        }
    }

    /** The queue of a store, whose disk is full: files are written, what the store does not get is counted, and it goes on. */
    @Test
    void aFullQueueEndsNothing() throws Exception {
        Path queue = Files.createDirectories(profiles().resolve("push"));
        var _ = Tool.output("mount", "-t", "tmpfs", "-o", "size=2m", "perf-agent-test", queue.toString());
        try {
            Path filler = Files.write(queue.resolve("filler"), new byte[(2 << 20) - 8192]);
            Process run = start("--every", "1s", "--listen", "0", "--push", "parca+http://127.0.0.1:1");
            String address = address(Agent.saidUntil(run, "answering on"));
            await(run, () -> metric(address, "push_lost_profiles_total", "cause=\"unwritten\"") >= 2);
            assertThat(files()).hasSizeGreaterThanOrEqualTo(2);
            Files.delete(filler);
            await(run, () -> metric(address, "push_waiting_profiles", "") >= 2);
            String said = Agent.saidWhenEnded(run);
            assertThat(said).containsOnlyOnce("has lost an interval").contains("takes intervals again, after ");
            try (Stream<Path> left = Files.walk(queue)) {
                assertThat(left).noneMatch(file -> file.toString().endsWith(".partial"));
            }
        } finally {
            var _ = Tool.output("umount", queue.toString());
        }
    }

    private static double metric(String address, String name, String label) throws Exception {
        String metrics = new String(get(address + "metrics").body(), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith("perf_agent_" + name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Signals that come in numbers are one wish each time that it looks; the end is one end. */
    @Test
    void stormsOfSignalsAreOneSignal() throws Exception {
        Process run = start("--every", "1s");
        var _ = Agent.saidUntil(run, "profiling");
        Agent.awaitSampling(run);
        String storm = "for i in $(seq 1000); do kill -HUP " + run.pid() + "; done";
        assertThat(Tool.output("bash", "-c", storm)).isEmpty();
        var _ = Agent.saidUntil(run, "settings read again: they are the same");
        int before = files().size();
        await(run, () -> files().size() >= before + 2);
        assertThat(Tool.output("bash", "-c", storm.replace("HUP", "TERM").replace("1000", "5")))
                .isEmpty();
        String said = Agent.saidWhenEnded(run);
        Matcher ended = ENDED.matcher(said);
        assertThat(ended.find()).as(said).isTrue();
        assertThat(Integer.parseInt(ended.group(1))).isEqualTo(files().size());
        assertThat(samplesInFiles()).isEqualTo(Long.parseLong(ended.group(2)));
        assertThat(said.lines().filter(line -> line.contains("settings read again")))
                .hasSizeLessThan(100);
    }

    /** Files bear the new time; none is lost or removed for it, and each interval is as long as it was. */
    @Test
    @Tag("long")
    void aClockThatIsSetLosesNothing() throws Exception {
        ClockOfOne clock = ClockOfOne.in(directory);
        Process run = start(clock.environment(), "--every", "1s", "--keep-for", "1h");
        for (Duration ahead : List.of(
                Duration.ZERO, Duration.ofHours(2), Duration.ofDays(-3), Duration.ofSeconds(-1), Duration.ZERO)) {
            clock.set(ahead);
            int before = files().size();
            await(run, () -> files().size() >= before + 2);
        }
        String said = Agent.saidWhenEnded(run);
        Matcher ended = ENDED.matcher(said);
        assertThat(ended.find()).as(said).isTrue();
        assertThat(Integer.parseInt(ended.group(1))).isEqualTo(files().size());
        assertThat(samplesInFiles()).isEqualTo(Long.parseLong(ended.group(2)));
        Instant now = Instant.now();
        List<Duration> ahead = new ArrayList<>();
        for (Path file : files()) {
            ProfileProto.Profile profile = read(file);
            ahead.add(Duration.between(now, Instant.ofEpochSecond(0, profile.getTimeNanos())));
            assertThat(Duration.ofNanos(profile.getDurationNanos())).isBetween(Duration.ofMillis(1), PATIENCE);
        }
        assertThat(ahead)
                .anyMatch(one -> one.compareTo(Duration.ofHours(1)) > 0)
                .anyMatch(one -> one.compareTo(Duration.ofDays(-2)) < 0)
                .anyMatch(one -> one.abs().compareTo(Duration.ofMinutes(10)) < 0);
    }

    /** What it had since its last interval is lost, and the next one says so; one that has ended well leaves nothing to be said. */
    @Test
    void aRunThatWasKilledIsTold() throws Exception {
        Process run = start("--every", "1s");
        await(run, () -> files().size() >= 2);
        run.destroyForcibly();
        assertThat(run.waitFor()).isEqualTo(128 + 9);
        Path half = profiles().resolve(files().getLast().getFileName() + ".0123456789ab.partial");
        Files.writeString(half, "half a file");
        Path last = files().getLast();
        Process next = start("--every", "10m");
        assertThat(Agent.saidUntil(next, "profiling"))
                .containsPattern(
                        "the run before was killed, or the machine went down: what it had sampled since its last"
                                + " interval is lost last=" + last.getFileName()
                                + " unfinished=[12]"); // where it was about to remove one, too
        assertThat(half).doesNotExist();
        var _ = Agent.saidWhenEnded(next);
        Process third = start("--every", "10m");
        assertThat(Agent.saidUntil(third, "profiling")).doesNotContain("was killed");
        var _ = Agent.saidWhenEnded(third);
    }

    /** Settings of long ago are not the remedy of what fails now: the run ends, and says why. It hears SIGHUP though nohup has started it. */
    @Test
    void aFailureLongAfterSettingsWereReadEndsTheRun() throws Exception {
        Path config = Files.writeString(directory.resolve("config.toml"), "every = \"2s\"\n");
        Path program = Files.copy(Path.of(CHAIN), directory.resolve("named-chain"));
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "nohup", "unshare", "--mount"));
        command.addAll(Agent.command(
                "run",
                "--config",
                config.toString(),
                "--name",
                "named-chain",
                "--directory",
                profiles().toString()));
        Process run = new ProcessBuilder(command).directory(directory.toFile()).start();
        try (TargetProgram _ = TargetProgram.start(Map.of(), List.of(program.toString()))) {
            assertThat(Agent.saidUntil(run, "profiling")).contains("an interval each 2 s");
            Files.writeString(config, "every = \"1s\"\n");
            hangUp(run);
            assertThat(Agent.saidUntil(run, "profiling")).contains("an interval each 1 s");
        }
        var _ = Agent.saidUntil(run, "waiting for");
        var _ = Tool.output(
                "nsenter",
                "--mount",
                "--target",
                Long.toString(run.pid()),
                "mount",
                "-t",
                "tmpfs",
                "perf-agent-test",
                "/sys/kernel/btf");
        try (TargetProgram _ = TargetProgram.start(Map.of(), List.of(program.toString()))) {
            assertThat(run.waitFor()).isEqualTo(1);
            assertThat(run.errorReader(StandardCharsets.UTF_8).readAllAsString())
                    .contains("/sys/kernel/btf/vmlinux")
                    .doesNotContain("with the new settings the run cannot go on");
        }
    }

    private static long lost(String address) throws Exception {
        String metrics = new String(get(address + "metrics").body(), StandardCharsets.UTF_8);
        return value(
                metrics.lines().toList(), "perf_agent_sink_lost_intervals_total{cause=\"failed\",sink=\"directory\"}");
    }

    /** They come up, more come up, and all end, while the run goes on. */
    @Test
    @Tag("long")
    void targetsByNameAreWaitedFor() throws Exception {
        Path program = Files.copy(Path.of(CHAIN), directory.resolve("named-chain"));
        List<String> command = List.of(program.toString());
        Process run = Agent.start(
                directory,
                "run",
                "--config",
                "/dev/null",
                "--name",
                "named-chain",
                "--every",
                "1s",
                "--directory",
                profiles().toString());
        assertThat(Agent.saidUntil(run, "waiting for")).contains("waiting for a process called named-chain");
        try (TargetProgram one = TargetProgram.start(Map.of(), command)) {
            assertThat(Agent.saidUntil(run, "profiling")).contains("named-chain (" + one.pid() + ")");
            try (TargetProgram other = TargetProgram.start(Map.of(), command)) {
                assertThat(Agent.saidUntil(run, "profiling"))
                        .contains(Integer.toString(one.pid()), Integer.toString(other.pid()));
                await(run, () -> samplesInFiles() > 0);
            }
        }
        assertThat(Agent.saidUntil(run, "waiting for")).contains("waiting for a process called named-chain");
        assertThat(Agent.saidWhenEnded(run)).contains("run ended intervals=" + files().size());
    }

    @Test
    void oneRunInADirectoryAtATime() throws Exception {
        Process run = start("--every", "10m");
        var _ = Agent.saidUntil(run, "profiling");
        Process other = start("--every", "10m");
        assertThat(other.waitFor()).isEqualTo(1);
        assertThat(other.errorReader().readAllAsString()).contains("another perf-agent run writes to " + profiles());
        var _ = Agent.saidWhenEnded(run);
    }
}
