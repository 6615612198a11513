package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of the program, as a process of its own: how it ends, what it says, what it leaves. */
class SessionIT {
    private static final Path CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();

    @TempDir
    private Path directory;

    private TargetProgram target;

    private record Outcome(int status, String err) {}

    @BeforeEach
    void startTarget() throws Exception {
        target = TargetProgram.start(
                TargetProgram.PACED,
                List.of(Interpreter.oneOfEachVersion().getFirst().command().toString(), CHAIN.toString()));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    @Test
    void controlCEndsTheRunEarlyAndWritesWhatIsThere() throws Exception {
        Process run = start("--profile", "--pid", pid(), "--duration", "10m", "--inject-python");
        awaitActive(true);
        Thread.sleep(1000);
        Tool.output("kill", "-INT", Long.toString(run.pid()));
        Outcome outcome = outcome(run);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("activated=1 skipped=0 failed=0 deactivated=1");
        assertThat(PythonTruthIT.field(target.report(), "active")).isEqualTo("False");
        assertThat(names()).hasSize(1).first().asString().endsWith("-on-cpu.pb.gz");
        String top = Pprof.output("-top", directory.resolve(names().getFirst()).toString());
        assertThat(top).contains("py::leaf", "py::middle", "py::handler");
        assertThat(top)
                .as("the profile's own duration, of 10 minutes asked for")
                .containsPattern("Duration: [\\d.]+m?s,");
    }

    /** What else would kill: each is a wish to end, too. */
    @Test
    void anotherSignalEndsTheRunInTheSameWay() throws Exception {
        expectEndBy("USR1");
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"USR2", "ALRM"})
    void soDoMore(String signal) throws Exception {
        expectEndBy(signal);
    }

    private void expectEndBy(String signal) throws Exception {
        Process run = start("--profile", "--pid", pid(), "--duration", "60s", "--inject-python");
        awaitActive(true);
        Agent.awaitSampling(run);
        Tool.output("kill", "-" + signal, Long.toString(run.pid()));
        Outcome outcome = outcome(run);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("activated=1 skipped=0 failed=0 deactivated=1");
        assertThat(PythonTruthIT.field(target.report(), "active")).isEqualTo("False");
        assertThat(names()).hasSize(1);
    }

    @Test
    void terminatedBeforeSamplingLeavesTheTargetAsItWas() throws Exception {
        Process run = start("--profile", "--pid", pid(), "--duration", "60s", "--inject-python");
        Tool.output("kill", "-TERM", Long.toString(run.pid()));
        run.waitFor(20, TimeUnit.SECONDS);
        assertThat(run.isAlive()).isFalse();
        assertThat(PythonTruthIT.field(target.report(), "active")).isEqualTo("False");
    }

    /** R7: a profile taken afterwards has no trampoline in it, so calls cost what they did; the digest is the same. */
    @Test
    void callsGoPastTheTrampolineAfterwards() throws Exception {
        String before = target.report();
        assertThat(outcome(start("--profile", "--pid", pid(), "--duration", "1s", "--inject-python"))
                        .status())
                .isZero();
        String after = target.report();
        System.out.println("before: " + before + "\nafter:  " + after);
        assertThat(PythonTruthIT.field(after, "digest")).isEqualTo(PythonTruthIT.field(before, "digest"));
        ProfiledRun plain = ProfiledRun.of(target.pid(), false, 500);
        Truth named = Truth.of(plain.profile(), "py::leaf", name -> name.startsWith("py::"), _ -> true);
        assertThat(plain.result().samples()).isGreaterThan(300);
        assertThat(named.samples()).isZero();
    }

    /** R10: the second run switches on what the first has prepared, and the map file goes on. */
    @Test
    void namesComeAgainInASecondRun() throws Exception {
        for (String file : List.of("first.pb.gz", "second.pb.gz")) {
            Outcome outcome = outcome(start(
                    "--profile", "--pid", pid(), "--duration", "1s", "--inject-python", "--profile-output", file));
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err()).doesNotContain("no sample has the name").contains("hottest Python functions");
            assertThat(comments(file)).containsPattern("functions named [1-9]");
            assertThat(Pprof.output("-top", directory.resolve(file).toString())).contains("py::leaf");
        }
    }

    /** By a cleaner: what was called before gets no line any more, whatever the duration. */
    @Test
    void aMapThatWasRemovedBetweenTwoRunsIsSaid() throws Exception {
        String[] options = {"--pid", pid(), "--duration", "1s", "--inject-python", "--output"};
        assertThat(outcome(start(with(options, "first.pb.gz"))).status()).isZero();
        Files.delete(Path.of("/proc/" + pid() + "/root/tmp/perf-" + pid() + ".map"));
        Outcome outcome = outcome(start(with(options, "second.pb.gz")));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err())
                .contains("no sample has the name of a Python function: the code that samples hit has no line in the")
                .doesNotContain("a longer --duration");
    }

    private static String[] with(String[] options, String last) {
        String[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = last;
        return all;
    }

    /** Its map and its /tmp went with it, its names have not. */
    @Test
    void aTargetThatEndsBeforeTheRunHasItsNames() throws Exception {
        Process run = start(
                "--profile", "--pid", pid(), "--duration", "60s", "--inject-python", "--profile-output", "g.pb.gz");
        awaitActive(true);
        Agent.awaitSampling(run);
        Thread.sleep(1000);
        Tool.output("kill", "-KILL", pid());
        Outcome outcome = outcome(run);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err())
                .contains("reason=process_gone", "hottest Python functions")
                .doesNotContain("no sample has the name");
        assertThat(comments("g.pb.gz")).containsPattern("functions named [1-9]");
    }

    /** R15: the loop of a script is never called again. */
    @Test
    void whereNoFunctionIsCalledNoneIsNamedAndTheRunSaysSo() throws Exception {
        try (TargetProgram loop = TargetProgram.start(
                Map.of(),
                List.of(
                        Interpreter.oneOfEachVersion().getFirst().command().toString(),
                        "-c",
                        "import sys; print('ready', flush=True)\nwhile True: pass"))) {
            String pid = Integer.toString(loop.pid());
            Outcome outcome = outcome(start("--profile", "--pid", pid, "--duration", "1s", "--inject-python"));
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .contains("no sample has the name of a Python function", "hottest functions, by their own share")
                    .doesNotContain("-show=");
        }
    }

    @Test
    void anIdleTargetIsNoCompleteProfile() throws Exception {
        Process idle = new ProcessBuilder("sleep", "600").start();
        try {
            Outcome outcome = outcome(start(
                    "--profile",
                    "--pid",
                    Long.toString(idle.pid()),
                    "--duration",
                    "1s",
                    "--profile-output",
                    "i.pb.gz"));
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .contains(
                            "no samples: the process was on no CPU when one was due",
                            "samples=0 complete=none",
                            "lost: nothing")
                    .doesNotContain("100.00", "hottest", "look at it");
            assertThat(comments("i.pb.gz")).contains("complete user stacks: none (0 of 0)");
        } finally {
            idle.destroyForcibly();
        }
    }

    /** Of the last lines the command is there to be pasted: what it shows first is what the run called hottest. */
    @Test
    void theRunEndsWithWhatIsHotWhatIsLostAndHowToLookAtIt() throws Exception {
        Outcome outcome = outcome(start(
                "--profile",
                "--pid",
                pid(),
                "--duration",
                "1s",
                "--inject-python",
                "--profile-output",
                "the end.pb.gz"));
        List<String> lines = outcome.err().lines().toList();
        List<String> last = lines.subList(lines.indexOf(first(lines, "profile written ")), lines.size());
        assertThat(last).hasSizeBetween(5, 9);
        assertThat(last.get(1)).matches("hottest Python functions, by their own share of \\d+ samples:");
        assertThat(last.get(2)).matches(" +[0-9.]+ %  leaf \\(chain\\.py\\)");
        assertThat(last.get(last.size() - 2)).startsWith("lost: ");
        assertThat(last.getLast()).isEqualTo("look at it: go tool pprof -http :8080 -show='^py::' 'the end.pb.gz'");
        assertThat(outcome.err()).doesNotContain("ns per frame", "walked on");
        String shown = Pprof.output(directory, "-top", "-show=^py::", "the end.pb.gz");
        assertThat(shown).containsPattern("flat%.*\\n.*%  py::leaf\\n");
    }

    @Test
    void verboseRunsSayWhatTheWalkerDid() throws Exception {
        Outcome outcome = outcome(start("-v", "--profile", "--pid", pid(), "--duration", "500ms"));
        assertThat(outcome.err()).contains("ns per frame", "first sample", "tables: ", "cost: ");
    }

    @Test
    void targetThatEndsDuringTheRunEndsTheRun() throws Exception {
        Process run = start("--profile", "--pid", pid(), "--duration", "60s", "--profile-output", "ended.pb.gz");
        Agent.awaitSampling(run);
        Thread.sleep(1500);
        Tool.output("kill", "-KILL", pid());
        Outcome outcome = outcome(run);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(names()).containsExactly("ended.pb.gz");
        assertThat(Pprof.output("-top", directory.resolve("ended.pb.gz").toString()))
                .contains("_PyEval_EvalFrameDefault");
    }

    @Test
    void targetThatIsNoPythonAbortsBeforeSampling() throws Exception {
        try (TargetProgram sleep = TargetProgram.start(Map.of(), List.of("sh", "-c", "echo ready; exec sleep 300"))) {
            Outcome outcome =
                    outcome(start("--pid", Integer.toString(sleep.pid()), "--duration", "1s", "--inject-python"));
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("reason=not_python", "leave out --inject-python to profile without trampolines");
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void outputThatCannotBeWrittenIsFoundBeforeSampling() throws Exception {
        Outcome outcome =
                outcome(start("--profile", "--pid", pid(), "--duration", "60s", "--profile-output", "missing/x.pb.gz"));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(names()).isEmpty();
    }

    @Test
    void tagsAndTheTruthOfTheRunAreInTheProfile() throws Exception {
        Outcome outcome = outcome(start(
                "--profile", "--pid", pid(), "--duration", "1s", "--tag", "release=7", "--profile-output", "t.pb.gz"));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(comments("t.pb.gz").lines()).hasSize(2);
        assertThat(comments("t.pb.gz"))
                .startsWith("perf-agent ")
                .contains("; tag: release=7\n", "complete user stacks: ", "walk: ", "cost: ");
    }

    /** The map of an earlier run, to which somebody else has written. */
    @Test
    void damagedLinesOfAPerfMapAreCounted() throws Exception {
        Files.writeString(Path.of("/tmp/perf-" + pid() + ".map"), "7f00 12 fine\nno address 8 f\n7f00\n");
        Outcome outcome = outcome(start(
                "--profile", "--pid", pid(), "--duration", "1s", "--inject-python", "--profile-output", "d.pb.gz"));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("perf maps: damaged lines left out: 2");
        assertThat(comments("d.pb.gz")).contains("perf maps: damaged lines left out: 2");
    }

    private String comments(String file) throws Exception {
        return Pprof.output("-comments", directory.resolve(file).toString());
    }

    private static String first(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    private String pid() {
        return Integer.toString(target.pid());
    }

    private void awaitActive(boolean active) throws Exception {
        String wanted = active ? "True" : "False";
        for (int tries = 0; tries < 1000; tries++) {
            if (PythonTruthIT.field(target.report(), "active").equals(wanted)) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the trampoline did not become active=" + wanted);
    }

    /** What is named is named by trampolines. */
    private Process start(String... arguments) throws Exception {
        return Agent.start(directory, with(arguments, "--python-frames=off"));
    }

    private static Outcome outcome(Process run) throws Exception {
        String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(run.exitValue(), err);
    }

    private List<String> names() throws Exception {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
