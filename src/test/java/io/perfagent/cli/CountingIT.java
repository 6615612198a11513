package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with {@code --pmu}: what they print and write, and where. */
class CountingIT {
    private static final String NAPS =
            Path.of("target", "workloads", "naps").toAbsolutePath().toString();

    @TempDir
    private Path directory;

    private TargetProgram target;

    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(Map.of(), List.of(NAPS));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    private Outcome run(String... arguments) throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process run = new ProcessBuilder(Agent.command(arguments))
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        int status = run.waitFor();
        return new Outcome(status, text(out), text(err));
    }

    private static String text(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Files.delete(file);
        return text;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private String pid() {
        return Integer.toString(target.pid());
    }

    @Test
    void alone() throws Exception {
        Outcome outcome = run("--pmu", "--pid", pid(), "--duration", "1s");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .startsWith("counted for ")
                .contains(": naps (" + pid() + ")\n", "  slices on a CPU ", "  waits for a CPU ", "    waited ")
                .containsPattern("(?m)^  context switches +[1-9]\\d* ")
                .contains("cycles");
        assertThat(outcome.err()).contains("counting what the scheduler does with naps (" + pid() + ") for 1 s");
        assertThat(files()).isEmpty();
    }

    @Test
    void besideAProfile() throws Exception {
        Outcome outcome =
                run("--profile", "--pmu", "--per-pid", "--pid", pid(), "--duration", "1s", "-o", "naps.pb.gz");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("\nnaps (" + pid() + ")\n  on a CPU: ");
        assertThat(outcome.err()).contains("profile written file=naps.pb.gz");
        assertThat(files()).containsExactly("naps.pb.gz");
        assertThat(Pprof.output(directory, "-top", "naps.pb.gz")).contains("burn");
    }

    @Test
    void everyProcess() throws Exception {
        Outcome outcome = run("--pmu", "-a", "--per-pid", "--duration", "1s");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains(": every process\n", "\nnaps (" + pid() + ")\n");
    }

    @Test
    void toFiles() throws Exception {
        assertThat(run("--pmu", "--pid", pid(), "--duration", "500ms", "--pmu-output", "table.txt"))
                .satisfies(outcome -> {
                    assertThat(outcome.status()).as(outcome.err()).isZero();
                    assertThat(outcome.out()).isEmpty();
                    assertThat(outcome.err()).contains("counts written file=table.txt");
                });
        assertThat(directory.resolve("table.txt")).content().startsWith("counted for ");
        assertThat(run("--pmu", "--pid", pid(), "--duration", "500ms", "--pmu-output", "auto")
                        .status())
                .isZero();
        assertThat(files()).anyMatch(name -> name.matches("naps-\\d{12}-pmu\\.txt"));
    }

    @Test
    void whereItCannotBeWritten() throws Exception {
        Outcome outcome = run("--pmu", "--pid", pid(), "--duration", "1h", "--pmu-output", "no/table.txt");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("perf-agent: cannot write the table to no/table.txt: the directory does not exist;"
                        + " make it, or choose another --pmu-output\n");
        outcome = run("--profile", "--pmu", "--pid", pid(), "--duration", "1h", "-o", "-");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .isEqualTo("perf-agent: standard output takes the profile or the table of --pmu: send one of them to a"
                        + " file, with -o or --pmu-output\n");
    }

    /** The targets' end is the run's. */
    @Test
    void targetsThatEnd() throws Exception {
        Process run = Agent.start(directory, "--pmu", "--pid", pid(), "--duration", "1h");
        String _ = Agent.saidUntil(run, "counting what the scheduler does");
        target.close();
        assertThat(run.waitFor()).isZero();
        assertThat(run.inputReader().readAllAsString()).containsPattern("(?m)^    ended +1 ");
    }
}
