package io.perfagent.cli;

import static io.perfagent.testing.Unprivileged.NOBODY;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Unprivileged;
import io.perfagent.testing.Unprivileged.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user without rights, and with some: needs root to become such a user, by setpriv. */
class UnprivilegedIT {
    @TempDir
    private static Path folder;

    private static Unprivileged program;

    @BeforeAll
    static void copyProgram() throws Exception {
        program = Unprivileged.in(folder);
    }

    private static Outcome run(List<String> prefix, String... args) throws IOException, InterruptedException {
        return program.run(prefix, args);
    }

    private static void assertCannotStart(Outcome outcome, String message) {
        assertThat(outcome).isEqualTo(new Outcome(1, "", "perf-agent: " + message + "\n"));
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    @Test
    void nobody() throws Exception {
        assertCannotStart(
                run(NOBODY, "--profile", "-a"),
                "missing CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE: run as root (sudo), or with these capabilities");
    }

    @Test
    void enoughForOwnProcessesOnly() throws Exception {
        List<String> some = new ArrayList<>(NOBODY);
        some.addAll(List.of("--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon"));
        assertCannotStart(
                run(some, "--profile", "--pid", ownPid()),
                "missing CAP_SYS_PTRACE: run as root (sudo), or with this capability");
    }

    @Test
    void rootWithoutPtrace() throws Exception {
        List<String> some = List.of("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace");
        assertCannotStart(
                run(some, "--profile", "--pid", ownPid(), "--inject-python"),
                "missing CAP_SYS_PTRACE: run as root (sudo), or with this capability (ptrace_eperm: --inject-python attaches to"
                        + " processes, which takes CAP_SYS_PTRACE whatever /proc/sys/kernel/yama/ptrace_scope says, and"
                        + " CAP_DAC_OVERRIDE for those of other users)");
    }

    @Test
    void kernelThread() throws Exception {
        assertCannotStart(
                run(NOBODY, "--profile", "--pid", "2"),
                "process 2 (kthreadd) is a kernel thread and has no user stack: give a user process");
    }

    @Test
    void zombie() throws Exception {
        // The shell's child ends at once; the shell has become sleep, which never collects it.
        Process parent = new ProcessBuilder("sh", "-c", "sh -c 'echo $$' & exec sleep 60").start();
        try {
            String zombie = parent.inputReader(StandardCharsets.UTF_8).readLine();
            Outcome outcome = run(List.of(), "--profile", "--pid", zombie);
            assertCannotStart(
                    outcome,
                    "process " + zombie + " (sh) has ended and only waits for its parent to collect it:"
                            + " give a process that runs");
        } finally {
            parent.destroy();
        }
    }

    @Test
    void wrongUsageAsAProgram() throws Exception {
        assertThat(run(NOBODY, "--profile", "-a", "--sample-rate", "100000"))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "perf-agent: --sample-rate 100000 is no rate: give 1 to 10000 samples per second, 99 is usual\n"));
    }
}
