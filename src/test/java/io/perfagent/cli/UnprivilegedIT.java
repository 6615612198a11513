package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
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
    private static final List<String> NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");

    private record Outcome(int status, String out, String err) {}

    /** Where every user may read it: the work tree and Maven's repository can be in root's home. */
    @TempDir
    private static Path program;

    @BeforeAll
    static void copyProgram() throws Exception {
        List<String> copy = new ArrayList<>(List.of("cp", "-r"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.endsWith("/classes") || entry.contains("/picocli-")) {
                copy.add(entry);
            }
        }
        copy.add(program.toString());
        assertThat(copy).hasSize(5);
        assertThat(new ProcessBuilder(copy).start().waitFor()).isZero();
        assertThat(new ProcessBuilder("chmod", "-R", "a+rX", program.toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    private static Outcome run(List<String> prefix, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--class-path",
                program + "/classes:" + program + "/*",
                "io.perfagent.cli.Main"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        byte[] out = process.getInputStream().readAllBytes();
        byte[] err = process.getErrorStream().readAllBytes();
        return new Outcome(
                process.waitFor(), new String(out, StandardCharsets.UTF_8), new String(err, StandardCharsets.UTF_8));
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
                "missing CAP_SYS_PTRACE: run as root (sudo), or with this capability");
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
