package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.ActivationResult;
import io.perfagent.python.DeactivationResult;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Unprivileged;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** B3: real filters on real interpreters; what a wrong answer would lead to is the target's death. */
final class SeccompIT {
    private static final String SLEEP = "while True: time.sleep(0.01)";

    private static final Path SAFETY =
            Path.of("src", "test", "workloads", "safety").toAbsolutePath();

    @TempDir
    private static Path folder;

    @ParameterizedTest
    @CsvSource({
        "seccomp_that_kills, SECCOMP, its seccomp filter kills for openat",
        "seccomp_that_traps, SECCOMP, its seccomp filter answers openat with SIGSYS",
        "seccomp_of_one_thread, SECCOMP, its seccomp filter kills for openat",
        "seccomp_without_executable_memory, SECCOMP, its seccomp filter answers mprotect with error 1",
        "seccomp_that_refuses, MAP_UNWRITABLE, its seccomp filter answers openat with error 1"
    })
    void refused(String filter, InjectRefusal reason, String detail) throws Exception {
        try (TargetProgram target = target("surroundings." + filter + "()", SLEEP);
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isEqualTo(new ActivationResult.Refused(reason, detail));
            expectAlive(target);
            assertThat(activator.deactivate(target.pid())).isEqualTo(new DeactivationResult.AlreadyOff());
            expectAlive(target);
        }
    }

    /**
     * A lock with a deadline goes on by restart_syscall after a stop: where that kills, the stop alone would, and the lock wakes early
     * instead, which Python looks after itself.
     */
    @Test
    void aStopAloneDoesNotKill() throws Exception {
        String filter = "surroundings.install((0x20, 0, 0, 0), (0x15, 0, 1, 219),"
                + " (0x06, 0, 0, surroundings.SECCOMP_RET_KILL_PROCESS), (0x06, 0, 0, surroundings.SECCOMP_RET_ALLOW))";
        try (TargetProgram target = target(filter, "threading.Event().wait(300)");
                PythonActivator activator = new PythonActivator()) {
            while (ProcStat.read(target.pid()).state() != 'S') {
                Thread.onSpinWait();
            }
            for (int time = 0; time < 5; time++) {
                assertThat(activator.activate(target.pid()))
                        .isEqualTo(new ActivationResult.Refused(
                                InjectRefusal.SECCOMP, "its seccomp filter kills for restart_syscall"));
                expectAlive(target);
            }
        }
    }

    @Test
    void served() throws Exception {
        try (TargetProgram target = target("surroundings.seccomp_that_allows()", SLEEP);
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            expectAlive(target);
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            expectAlive(target);
        }
    }

    /** With all rights but the one that reading takes, and from under a filter: nothing is tried, and that is said. */
    @Test
    void whatCannotBeReadIsReported() throws Exception {
        String on = "sys.activate_stack_trampoline('perf'); surroundings.seccomp_that_allows()";
        List<String> underFilter = List.of(
                python().toString(),
                "-c",
                "import os, sys; sys.path.insert(0, sys.argv[1]); import surroundings; surroundings.seccomp_that_allows();"
                        + " os.execvp(sys.argv[2], sys.argv[2:])",
                SAFETY.toString());
        try (TargetProgram target = target(on, SLEEP)) {
            List<String> without = List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin");
            String unreadable = "reason=seccomp detail=\"its seccomp filter cannot be read: ";
            assertThat(off(without, target)).contains(unreadable + "that takes CAP_SYS_ADMIN");
            assertThat(off(underFilter, target)).contains(unreadable + "perf-agent is under one itself");
            expectAlive(target);
            assertThat(off(List.of(), target)).doesNotContain("seccomp");
            expectAlive(target);
        }
    }

    @Test
    void checkSaysThatThereIsAFilter() throws Exception {
        try (TargetProgram target = target("surroundings.seccomp_that_kills()", SLEEP)) {
            String out = Unprivileged.in(folder)
                    .run(List.of(), "check", "--pid", Integer.toString(target.pid()))
                    .out();
            assertThat(out).contains("verdict=ready", "if its seccomp filter allows that: only a run can read it");
            expectAlive(target);
        }
    }

    private static String off(List<String> prefix, TargetProgram target) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(Agent.command("off", "--pid", Integer.toString(target.pid())));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void expectAlive(TargetProgram target) throws Exception {
        assertThat(ProcStat.read(target.pid()).state()).isIn('S', 'R', 'D');
        assertThat(ProcStatus.read(target.pid()).field("TracerPid")).isEqualTo("0");
    }

    private static TargetProgram target(String before, String after) throws Exception {
        return TargetProgram.start(
                Map.of("SAFETY", SAFETY.toString()), List.of(python().toString(), "-c", """
                import os, sys, threading, time
                sys.path.insert(0, os.environ['SAFETY'])
                import surroundings
                %s
                print('ready', flush=True)
                %s
                """.formatted(before, after)));
    }

    private static Path python() {
        return Interpreter.all().stream()
                .filter(interpreter -> interpreter.name().equals("bytedeco-3.13.5"))
                .findFirst()
                .orElseThrow()
                .command();
    }
}
