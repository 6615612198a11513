package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import io.perfagent.testing.Unprivileged;
import io.perfagent.testing.Unprivileged.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs without root, and runs of a root that gave up what it does not need; the targets are Python processes of a user. */
class RightsIT {
    private static final String FOUR = "+bpf,+perfmon,+sys_ptrace,+checkpoint_restore";
    private static final int USER = 1234;
    private static final int OTHER_USER = 65534;

    private static final Path INTERPRETER =
            Path.of("target", "interpreters", "bytedeco-3.13.5", "org", "bytedeco", "cpython", "linux-x86_64");

    /** The functions are defined and called anew all the time, so that some are first called during a run. */
    private static final String PROGRAM = """
            import os, time
            print('ready', flush=True)
            while True:
                exec('def busy(n):\\n  for i in range(n): os.stat("/")')
                busy(2000)
                time.sleep(0.004) # a third of a processor gives samples enough
            """;

    @TempDir
    private static Path folder;

    private static Unprivileged program;

    @BeforeAll
    static void copyProgram() throws Exception {
        Tool.output(
                "cp",
                "-r",
                INTERPRETER.toAbsolutePath().toString(),
                folder.resolve("python").toString());
        program = Unprivileged.in(folder);
        Tool.output("chmod", "a+rwx", folder.toString());
    }

    private static TargetProgram target() throws IOException {
        Path python = folder.resolve("python");
        Map<String, String> libraries = Map.of("LD_LIBRARY_PATH", python + ":" + python.resolve("lib"));
        String user = Integer.toString(USER);
        String command = python.resolve("bin/python3.13").toString();
        TargetProgram target = TargetProgram.start(
                libraries,
                List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups", command, "-c", PROGRAM));
        Files.deleteIfExists(Path.of("/tmp/perf-" + target.pid() + ".map")); // of an earlier process with that number
        return target;
    }

    private static List<String> as(int user, String capabilities) {
        return List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "--inh-caps=-all," + capabilities,
                "--ambient-caps=-all," + capabilities);
    }

    private static Outcome profile(List<String> prefix, TargetProgram target, Path file, String... more)
            throws Exception {
        return program.run(prefix, arguments(target, file, more));
    }

    private static String[] arguments(TargetProgram target, Path file, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--profile", "--pid", Integer.toString(target.pid())));
        arguments.addAll(List.of("--duration", "1s", "--profile-output", file.toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Every function that pprof finds in the profile. */
    private static String functions(Path file) throws Exception {
        return Pprof.output("-top", "-nodecount=1000", "-nodefraction=0", file.toString());
    }

    @Test
    void fourCapabilitiesProfileTheProcessesOfOthers() throws Exception {
        try (TargetProgram target = target()) {
            Path file = folder.resolve("four.pb.gz");
            Outcome outcome = profile(as(OTHER_USER, FOUR), target, file);
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err()).contains("complete=100.00%");
            assertThat(functions(file)).contains("_PyEval_EvalFrameDefault", "__libc_start_main");
        }
    }

    @Test
    void kernelFunctionsAreNamedWithSyslog() throws Exception {
        try (TargetProgram target = target()) {
            Path file = folder.resolve("syslog.pb.gz");
            Outcome outcome = profile(as(OTHER_USER, FOUR + ",+syslog"), target, file);
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(functions(file)).contains("do_syscall_64");
        }
    }

    /** Whether the kernel hides them from the others is a setting; either they are named or the message says what is missing. */
    @Test
    void kernelFunctionsAreNotMissedSilently() throws Exception {
        try (TargetProgram target = target()) {
            Path file = folder.resolve("hidden.pb.gz");
            Outcome outcome = profile(as(OTHER_USER, FOUR), target, file);
            boolean named = functions(file).contains("do_syscall_64");
            boolean said = outcome.err().contains("kernel functions have names with CAP_SYSLOG");
            assertThat(named).isNotEqualTo(said);
        }
    }

    @ParameterizedTest
    @CsvSource({"1234, ''", "65534, ',+dac_override'"})
    void pythonFunctions(int user, String more) throws Exception {
        try (TargetProgram target = target()) {
            Path file = folder.resolve("python" + user + ".pb.gz");
            Outcome outcome = profile(as(user, FOUR + more), target, file, "--inject-python");
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.err())
                    .contains("python inject summary activated=1 skipped=0 failed=0 deactivated=1")
                    .contains("without CAP_SYS_NICE");
            assertThat(functions(file)).contains("py::busy");
        }
    }

    @Test
    void pythonFunctionsOfOthersTakeOneMore() throws Exception {
        try (TargetProgram target = target()) {
            Path file = folder.resolve("refused.pb.gz");
            Outcome run = profile(as(OTHER_USER, FOUR), target, file, "--inject-python");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith("perf-agent: missing CAP_DAC_OVERRIDE: run as root")
                    .contains("ptrace_eperm");
            assertThat(file).doesNotExist();
            Outcome off = program.run(as(OTHER_USER, FOUR), "off", "--pid", Integer.toString(target.pid()));
            assertThat(off.status()).isEqualTo(1);
            assertThat(off.err())
                    .contains("reason=ptrace_eperm", "/proc/" + target.pid() + "/mem belongs to another user")
                    .contains("CAP_DAC_OVERRIDE does, or run as that user");
        }
    }

    /** A name planted in a directory such as /tmp is found before the run, not when the profile is ready to be written. */
    @Test
    void namesTakenByOthersAreFoundBeforeTheRun() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Tool.output("chmod", "1777", shared.toString());
        Path file = Files.writeString(shared.resolve("file.pb.gz"), "of root");
        try (TargetProgram target = target()) {
            for (Path taken :
                    List.of(file, Files.createSymbolicLink(shared.resolve("link.pb.gz"), folder.resolve("nothing")))) {
                Outcome outcome = profile(as(OTHER_USER, FOUR), target, taken);
                assertThat(outcome.status()).isEqualTo(1);
                assertThat(outcome.err())
                        .isEqualTo(
                                "perf-agent: cannot write the profile: " + taken + " is another user's, in a directory"
                                        + " where only that user may replace it; choose another --profile-output\n");
            }
            assertThat(file).hasContent("of root");
            Outcome free = profile(as(OTHER_USER, FOUR), target, shared.resolve("free.pb.gz"));
            assertThat(free.status()).as(free.err()).isZero();
        }
    }

    /**
     * capabilities(7): dac_override 1, fowner 3, ipc_lock 14, sys_ptrace 19, sys_admin 21, sys_nice 23, syslog 34, perfmon 38, bpf 39,
     * checkpoint_restore 40.
     */
    @ParameterizedTest
    @CsvSource({"'', 1c40008400a", "--inject-python, 1c400a8400a"})
    void rootKeepsWhatTheRunNeeds(String option, String capabilities) throws Exception {
        List<String> more = option.isEmpty() ? List.of() : List.of(option);
        try (TargetProgram target = target()) {
            Path file = folder.resolve("root" + option + ".pb.gz");
            String[] arguments = arguments(target, file, more.toArray(String[]::new));
            Process run = new ProcessBuilder(program.command(rights(arguments), arguments)).start();
            Set<String> seen = new HashSet<>();
            while (run.isAlive()) {
                seen.addAll(capabilitiesOfThreads(run.pid()));
                Thread.sleep(20);
            }
            assertThat(run.exitValue())
                    .as(new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
            String all = "0".repeat(16 - capabilities.length()) + capabilities;
            assertThat(seen).containsExactly(String.join(" ", "0".repeat(16), all, all, all, "0".repeat(16)));
            assertThat(functions(file)).contains("do_syscall_64", "_PyEval_EvalFrameDefault", "py::busy");
        }
    }

    private static List<String> rights(String... arguments) throws Exception {
        List<String> script = new ArrayList<>(List.of("scripts/rights"));
        script.addAll(List.of(arguments));
        return List.of(Tool.output(script, Path.of("").toAbsolutePath()).strip().split(" ", -1));
    }

    /** Inheritable, permitted, effective, bounding and ambient set of each thread, once it is a JVM. */
    private static List<String> capabilitiesOfThreads(long pid) {
        List<String> seen = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            boolean java = Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("java");
            for (Path task : tasks) {
                ProcStatus status =
                        ProcStatus.read(Integer.parseInt(task.getFileName().toString()));
                if (java && !status.field("State").startsWith("Z")) {
                    seen.add(String.join(
                            " ",
                            status.field("CapInh"),
                            status.field("CapPrm"),
                            status.field("CapEff"),
                            status.field("CapBnd"),
                            status.field("CapAmb")));
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // threads end
        }
        return seen;
    }
}
