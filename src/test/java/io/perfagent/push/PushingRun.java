package io.perfagent.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code perf-agent run --push} of a Python service, as a process that is killed and started again. */
final class PushingRun implements AutoCloseable {
    private static final Path SERVICE =
            Path.of("src", "test", "workloads", "lines.py").toAbsolutePath();
    private static final Pattern ADDRESS = Pattern.compile("answering on (http://\\S+)");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Parca loses what it has said to have taken where it is killed at once. */
    private static final long STORE_WRITES_MILLIS = 3000;

    private final Path directory;
    private final List<String> command;
    private final Map<String, String> environment;
    private final TargetProgram service;
    private int starts;
    private Process process;

    private PushingRun(Path directory, TargetProgram service, Map<String, String> environment, List<String> command)
            throws IOException {
        this.directory = directory;
        this.environment = environment;
        this.service = service;
        this.command = command;
        this.process = launched();
    }

    static PushingRun start(Path directory, String store, String every) throws Exception {
        return start(directory, store, every, Map.of());
    }

    static PushingRun start(Path directory, String store, String every, Map<String, String> environment)
            throws Exception {
        Files.createDirectories(directory);
        TargetProgram service = TargetProgram.start(
                Map.of("OTEL_SERVICE_NAME", "shop", "PAUSE", "0.002"), List.of("python3", SERVICE.toString()));
        List<String> arguments = new ArrayList<>(List.of("run", "--config", "/dev/null", "--listen", "0"));
        arguments.addAll(List.of("--pid", Integer.toString(service.pid()), "-r", "199", "--every", every));
        arguments.addAll(List.of("--directory", directory.resolve("profiles").toString(), "--push", store));
        return new PushingRun(directory, service, environment, Agent.command(arguments.toArray(String[]::new)));
    }

    private Process launched() throws IOException {
        starts++;
        ProcessBuilder run = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        run.environment().putAll(environment);
        return run.start();
    }

    private Path log() {
        return directory.resolve("run-" + starts + ".log");
    }

    Path profiles() {
        return directory.resolve("profiles");
    }

    /** What the last of them has said. */
    String said() throws IOException {
        return Files.readString(log());
    }

    void startAgain() throws IOException {
        process = launched();
    }

    /** Returns when the last one started takes samples. */
    void awaitSampling() throws Exception {
        Agent.awaitSampling(process);
        assertThat(process.isAlive()).as(said()).isTrue();
    }

    /** Returns when the last one started has written an interval. */
    void awaitFile() throws Exception {
        int before = files(profiles(), ".pb.gz");
        while (files(profiles(), ".pb.gz") == before) {
            assertThat(process.isAlive()).as(said()).isTrue();
            pause();
        }
    }

    void goOn(Duration time) throws Exception {
        long until = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < until) {
            assertThat(process.isAlive()).as(said()).isTrue();
            Thread.sleep(100);
        }
    }

    /** Ends what runs in the middle of an interval that is neither in files nor in the queue, and nothing is being sent. */
    void kill() throws Exception {
        holdBetweenIntervals();
        killNow();
    }

    /** Does something while the run stands still and nothing is being sent; some time later, for stores answer before they have written. */
    void meanwhile(Runnable what) throws Exception {
        holdBetweenIntervals();
        Thread.sleep(STORE_WRITES_MILLIS);
        what.run();
        signal("CONT");
    }

    private void holdBetweenIntervals() throws Exception {
        while (true) {
            int before = awaitInterval();
            signal("STOP");
            if (files(profiles(), ".pb.gz") == before && files(directory, ".sending") == 0) {
                return;
            }
            signal("CONT");
        }
    }

    private void signal(String name) throws Exception {
        var _ = Tool.output("kill", "-" + name, Long.toString(process.pid()));
    }

    void killNow() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    /** Returns when an interval has just been taken by all sinks; how many files there are then. */
    private int awaitInterval() throws Exception {
        double before = intervals("directory");
        while (true) {
            int files = files(profiles(), ".pb.gz");
            double now = intervals("directory");
            if (now > before && now == intervals("[^\"]*[+][^\"]*")) {
                return files;
            }
            pause();
        }
    }

    /** Returns when the store has all intervals so far, and the next one does not come at once. */
    void awaitTaken() throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        do {
            int _ = awaitInterval();
            assertThat(System.nanoTime()).as(said()).isLessThan(until);
        } while (settled() > 0);
    }

    /** Returns when something waits for a store that is down. */
    void awaitQueue() throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (waiting() == 0) {
            assertThat(System.nanoTime()).as(said()).isLessThan(until);
            pause();
        }
    }

    /** What waits when what can be sent has been sent. */
    private long settled() throws Exception {
        for (int look = 0; look < 10 && waiting() > 0; look++) {
            pause();
        }
        return waiting();
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(50);
    }

    private double intervals(String sink) throws Exception {
        return metric("sink_intervals_total\\{sink=\"" + sink + "\"}");
    }

    long waiting() throws Exception {
        return (long) metric("push_waiting_profiles\\{[^}]*}");
    }

    /** The sum of all whose name and labels match; 0 while it does not answer. */
    double metric(String nameAndLabels) throws Exception {
        assertThat(process.isAlive()).as(said()).isTrue();
        Matcher address = ADDRESS.matcher(said());
        if (!address.find()) {
            return 0;
        }
        String text;
        try {
            text = new String(StoreServer.get(address.group(1) + "metrics"), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return 0; // it has said where before it listens
        }
        return Pattern.compile("^perf_agent_" + nameAndLabels + " (\\S+)$", Pattern.MULTILINE)
                .matcher(text)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }

    /** Of a directory in which files come and go. */
    static int files(Path directory, String suffix) {
        File[] listed = directory.toFile().listFiles();
        int files = 0;
        for (File file : listed == null ? new File[0] : listed) {
            files += file.getName().endsWith(suffix) ? 1 : files(file.toPath(), suffix);
        }
        return files;
    }

    /** Ends it as a service manager does; what it said. */
    String ended() throws Exception {
        boolean _ = process.toHandle().destroy();
        assertThat(process.waitFor()).as(said()).isZero();
        return said();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        service.close();
    }
}
