package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, by where their profile goes. */
class OutputIT {
    /** As {@code go tool pprof -raw} prints it: count, nanoseconds, locations. */
    private static final Pattern SAMPLE = Pattern.compile("(?m)^ +(\\d+) +\\d+: ");

    private static final String NAPS =
            Path.of("target", "workloads", "naps").toAbsolutePath().toString();

    @TempDir
    private Path directory;

    private TargetProgram target;

    private record Outcome(int status, String err) {}

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(Map.of(), List.of(NAPS));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    /** A shell runs {@code "$@"}, which is perf-agent, with its output somewhere. */
    private Outcome run(String shell, String... arguments) throws Exception {
        Process run = start(shell, arguments);
        String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(run.waitFor(), err);
    }

    private Process start(String shell, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", shell, "bash"));
        command.addAll(Agent.command("--profile", "--pid", Integer.toString(target.pid()), "--duration", "1s"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(directory.toFile()).start();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertProfile(Path file) throws Exception {
        assertThat(Pprof.output("-raw", file.toString())).contains("Samples:", "naps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"})
    void standardOutputIsAFile(String name) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/proc/self/fd/1"));
        Path machines = Path.of("/dev/stdout");
        Outcome outcome = run("exec \"$@\" > x.pb.gz", "--profile-output", name);
        assertThat(Files.readSymbolicLink(machines)).isEqualTo(Path.of("/proc/self/fd/1"));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("/proc/self/fd/1"));
        assertThat(names()).containsExactly("link", "x.pb.gz");
        assertProfile(directory.resolve("x.pb.gz"));
    }

    /** Of one run, which is told of each. */
    @Test
    void severalFilesHaveTheSameSamples() throws Exception {
        Outcome outcome = run("exec \"$@\"", "-o", "x.pb.gz", "--profile-output", "x.folded", "-o", "y.TXT");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(names()).containsExactly("x.folded", "x.pb.gz", "y.TXT");
        assertThat(directory.resolve("y.TXT")).hasSameTextualContentAs(directory.resolve("x.folded"));
        String raw = Pprof.output("-raw", directory.resolve("x.pb.gz").toString());
        assertThat(folded(directory.resolve("x.folded"))).isPositive().isEqualTo(sampled(raw));
        assertThat(outcome.err())
                .contains(
                        "profile written file=x.pb.gz ",
                        "profile written file=x.folded ",
                        "profile written file=y.TXT ")
                .contains(
                        "look at it: go tool pprof -http :8080 x.pb.gz\n",
                        "look at it: flamegraph.pl x.folded > flames.svg");
    }

    @Test
    void theFormatOfWhatHasNoNameIsGiven() throws Exception {
        Outcome outcome = run("set -o pipefail; \"$@\" | cat > piped", "-o", "-", "--format", "folded");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(folded(directory.resolve("piped"))).isPositive();
        Files.delete(directory.resolve("piped"));
        Outcome named = run("exec \"$@\"", "-f", "folded");
        assertThat(named.status()).as(named.err()).isZero();
        assertThat(names()).hasSize(1).allMatch(name -> name.matches("naps-\\d{12}-on-cpu\\.folded"));
    }

    @Test
    void aSeriesIsNumberedInEachFormat() throws Exception {
        Outcome outcome = run("exec \"$@\"", "--every", "500ms", "-o", "x.folded", "-o", "x.pb.gz", "-o", "y");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(names()).contains("x-0001.folded", "x-0002.folded", "x-0001.pb.gz", "x-0002.pb.gz", "y-0001");
        for (int number = 1; number <= 2; number++) {
            Path profile = directory.resolve("x-000" + number + ".pb.gz");
            assertThat(folded(directory.resolve("x-000" + number + ".folded")))
                    .isPositive()
                    .isEqualTo(sampled(Pprof.output("-raw", profile.toString())));
        }
    }

    @Test
    void whereOneCannotBeWrittenNothingIsBegun() throws Exception {
        Outcome outcome = run("exec \"$@\"", "-o", "x.pb.gz", "-o", "missing/x.folded");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("perf-agent: cannot write the profile to missing/x.folded:"
                        + " the directory does not exist; make it, or choose another --profile-output\n");
        assertThat(names()).isEmpty();
    }

    @Test
    void standardOutputTakesOneProfile() throws Exception {
        Outcome outcome = run("exec \"$@\" > taken", "-o", "-", "-o", "/dev/stdout");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("perf-agent: standard output takes one profile: give the names of files to the other -o\n");
    }

    /** Samples of all lines. */
    private static long folded(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static long sampled(String raw) {
        return SAMPLE.matcher(raw)
                .results()
                .mapToLong(sample -> Long.parseLong(sample.group(1)))
                .sum();
    }

    @Test
    void standardOutputIsAPipe() throws Exception {
        Outcome outcome = run("set -o pipefail; \"$@\" | gzip -dc | gzip > x.pb.gz", "--profile-output", "-");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertProfile(directory.resolve("x.pb.gz"));
    }

    @Test
    void aReaderThatHasGoneIsOneLine() throws Exception {
        Outcome outcome = run("\"$@\" | true; exit ${PIPESTATUS[0]}", "--profile-output", "-");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err().lines().filter(line -> line.startsWith("perf-agent: ")))
                .containsExactly("perf-agent: cannot write the profile to standard output: Broken pipe;"
                        + " name a file with --profile-output where its reader may end early");
    }

    @Test
    void aFullDeviceIsOneLine() throws Exception {
        Outcome outcome = run("exec \"$@\" > /dev/full", "--profile-output", "-");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("cannot write the profile to standard output: No space left on device");
    }

    /** Found before the run. */
    @Test
    void noTerminalGetsAProfile() throws Exception {
        Outcome outcome = run(
                "script -qec \"$(printf '%q ' \"$@\") 2>err\" /dev/null >shown </dev/null", "--profile-output", "-");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(directory.resolve("shown")).isEmptyFile();
        assertThat(directory.resolve("err"))
                .hasContent("perf-agent: cannot write the profile to standard output: it is a terminal;"
                        + " redirect it (> app.pb.gz), or name a file with --profile-output");
    }

    @Test
    void closedStandardOutputIsFoundBefore() throws Exception {
        Outcome outcome = run("exec \"$@\" 1</dev/null", "--profile-output", "-");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("cannot write the profile to standard output: it is closed; open it");
    }

    @Test
    void runsOfOneMinuteHaveAFileEach() throws Exception {
        List<Process> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            runs.add(start("exec \"$@\"", "--sample-rate", "999"));
        }
        for (Process run : runs) {
            String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(err).isZero();
        }
        assertThat(names()).hasSize(3).allMatch(name -> name.matches("naps-\\d{12}-on-cpu(-\\d)?\\.pb\\.gz"));
        for (String name : names()) {
            assertProfile(directory.resolve(name));
        }
    }
}
