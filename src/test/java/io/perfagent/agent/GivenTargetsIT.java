package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.StackCount;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Traces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets as people give them: a service by its master, whatever pgrep prints, a wrapper, a name. */
class GivenTargetsIT {
    private static final Path WORKLOADS = Path.of("src", "test", "workloads").toAbsolutePath();
    private static final String PYTHON =
            Interpreter.oneOfEachVersion().getFirst().command().toString();
    private static final String CHAIN = WORKLOADS.resolve("chain.py").toString();
    private static final String OLD =
            Path.of("target/interpreters/special/python3.11").toAbsolutePath().toString();
    private static final String BURN =
            "import time\nprint('ready', flush=True)\nwhile True: sum(range(50000)); time.sleep(0.002)";
    private static final String SLEEP = "echo ready; exec sleep 300";
    /** Above what /proc/sys/kernel/pid_max may be. */
    private static final String NOBODY = "4194305";

    @TempDir
    private Path directory;

    private record Outcome(int status, String err) {}

    private Outcome run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--duration", "1", "--output", "x.pb.gz"));
        Process run = Agent.start(directory, all.toArray(String[]::new));
        String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(run.waitFor(), err);
    }

    private static TargetProgram start(String... command) throws Exception {
        return TargetProgram.start(TargetProgram.PACED, List.of(command));
    }

    /** The workers were there before the run, and do the work. */
    @ParameterizedTest
    @ValueSource(strings = {"fork", "spawn", "forkserver"})
    void theMasterAloneMeansItsWorkers(String method) throws Exception {
        try (TargetProgram master = start(PYTHON, WORKLOADS.resolve("pool.py").toString(), method)) {
            ProfiledRun run = ProfiledRun.of(master.pid(), true, 2000);
            List<StackCount> ofWorkers = run.profile().stacks().stream()
                    .filter(stack -> stack.pid() != master.pid())
                    .filter(stack -> Names.of(stack).stream().anyMatch(name -> name.contains("burn")))
                    .toList();
            assertThat(ofWorkers.stream().map(StackCount::pid).distinct())
                    .as(run.log())
                    .hasSize(2);
        }
    }

    @Test
    void ofSeveralWhatIsGoneOrNoPythonIsLeftOut() throws Exception {
        try (TargetProgram python = start(PYTHON, CHAIN);
                TargetProgram sleep = start("sh", "-c", SLEEP)) {
            Outcome outcome = run("--inject-python", "--pid", sleep.pid() + " " + NOBODY + " " + python.pid());
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .startsWith("left out: no process " + NOBODY + ": it may have ended")
                    .contains("python inject skipped pid=" + sleep.pid() + " reason=not_python")
                    .contains("activated=1 skipped=1 failed=0 deactivated=1");
        }
    }

    /** Whatever the reason; its native functions keep their names. */
    @Test
    void ofSeveralWhatIsRefusedIsProfiledWithoutNames() throws Exception {
        try (TargetProgram python = start(PYTHON, CHAIN);
                TargetProgram old = start(OLD, "-c", BURN)) {
            Outcome outcome = run("--inject-python", "--pid", old.pid() + "," + python.pid());
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err().lines().limit(2))
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("profiling python"),
                            line -> assertThat(line)
                                    .startsWith("python inject skipped pid=" + old.pid() + " reason=python_too_old"));
            assertThat(outcome.err()).contains("activated=1 skipped=1 failed=0 deactivated=1");
            assertThat(Traces.of(directory.resolve("x.pb.gz")).pidsWith("_PyEval_EvalFrameDefault"))
                    .contains(old.pid());
        }
    }

    /** The run does not begin, and does not say so either. */
    @Test
    void nothingThatCanBeNamedIsTheEnd() throws Exception {
        try (TargetProgram old = start(OLD, "-c", BURN);
                TargetProgram sleep = start("sh", "-c", SLEEP)) {
            Outcome outcome = run("--inject-python", "--pid", old.pid() + "," + sleep.pid());
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err())
                    .startsWith("python inject skipped pid=" + old.pid() + " reason=python_too_old")
                    .contains("perf-agent: none of the 2 targets has an interpreter that can be given trampolines")
                    .doesNotContain("profiling ");
            Outcome alone = run("--inject-python", "--pid", Integer.toString(old.pid()));
            assertThat(alone.status()).isEqualTo(1);
            assertThat(alone.err())
                    .startsWith("python inject skipped pid=" + old.pid() + " reason=python_too_old")
                    .contains("perf-agent: cannot switch on trampolines in process " + old.pid()
                            + ": python_too_old (CPython 3.11.3")
                    .doesNotContain("profiling ");
        }
    }

    @Test
    void nothingLeftIsTheEnd() throws Exception {
        try (TargetProgram sleep = start("sh", "-c", SLEEP);
                TargetProgram other = start("sh", "-c", SLEEP)) {
            Outcome outcome = run("--inject-python", "--pid", sleep.pid() + "," + other.pid());
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("perf-agent: none of the 2 targets has an interpreter that can be given trampolines");
            assertThat(run("--pid", NOBODY, "4194306").err()).contains("perf-agent: none of the 2 targets is left: ");
        }
    }

    /** bash -c 'perf-agent … $(pgrep -f gunicorn)': pgrep finds the shell as well. */
    @Test
    void theShellThatRunsItIsLeftOut() throws Exception {
        String ours = Long.toString(ProcessHandle.current().pid());
        try (TargetProgram python = start(PYTHON, CHAIN)) {
            Outcome outcome = run("--inject-python", "--pid", ours, Integer.toString(python.pid()));
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .startsWith("left out: process " + ours + " (java) runs perf-agent: give it alone to profile it\n")
                    .contains("activated=1 skipped=0");
        }
    }

    /** tini, sh -c, the bootloader of a packed program. */
    @Test
    void aWrapperMeansThePythonThatItStarted() throws Exception {
        try (TargetProgram shell = start("sh", "-c", PYTHON + " " + CHAIN + "; true")) {
            Outcome outcome = run("--inject-python", "--pid", Integer.toString(shell.pid()));
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .startsWith("profiling sh (" + shell.pid() + ") and 1 process it started for 1 s, 99 samples")
                    .contains("activated=1 skipped=1 failed=0 deactivated=1");
            ProcessHandle.of(shell.pid()).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void byName() throws Exception {
        try (TargetProgram python = start(
                "sh",
                "-c",
                "ln -s " + CHAIN + " " + directory + "/perf_agent_shop.py; exec " + PYTHON + " -X dev " + directory
                        + "/perf_agent_shop.py")) {
            Outcome outcome = run("--inject-python", "--name", "perf_agent_shop");
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .startsWith("profiling ")
                    .contains("(" + python.pid() + ") for 1 s, ", "activated=1 skipped=0");
        }
    }
}
