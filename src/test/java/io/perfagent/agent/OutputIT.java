package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, by where their profile goes. */
class OutputIT {
    private static final String BUSY = "echo ready; while :; do :; done";

    @TempDir
    private Path directory;

    private TargetProgram target;

    private record Outcome(int status, String err) {}

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(Map.of(), List.of("sh", "-c", BUSY));
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
        assertThat(Tool.output("go", "tool", "pprof", "-raw", file.toString())).contains("Samples:", "sh");
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
        List<Process> runs = List.of(start("exec \"$@\""), start("exec \"$@\""), start("exec \"$@\""));
        for (Process run : runs) {
            String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(err).isZero();
        }
        assertThat(names()).hasSize(3).allMatch(name -> name.matches("sh-\\d{12}-on-cpu(-\\d)?\\.pb\\.gz"));
        for (String name : names()) {
            assertProfile(directory.resolve(name));
        }
    }
}
