package io.perfagent.cli;

import static io.perfagent.testing.Unprivileged.NOBODY;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcStat;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import io.perfagent.testing.Unprivileged;
import io.perfagent.testing.Unprivileged.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R8, R13: {@code perf-agent check} as a program of its own, with rights and without. */
final class CheckIT {
    private static final String SLEEP = "import time; print('ready', flush=True); time.sleep(300)";
    private static final String CALLS =
            "trace=open,openat,openat2,ptrace,process_vm_writev,kill,tkill,tgkill,pidfd_send_signal";

    /** Root, but for the rights to open files that have no name any more. */
    private static final List<String> WITHOUT_MAP_FILES = List.of(
            "setpriv", "--bounding-set=-sys_admin,-checkpoint_restore", "--inh-caps=-sys_admin,-checkpoint_restore");

    @TempDir
    private static Path folder;

    private static Unprivileged program;

    @BeforeAll
    static void copyProgram() throws Exception {
        program = Unprivileged.in(folder);
    }

    @Test
    void oneLinePerProcess() throws Exception {
        try (TargetProgram python = python("bytedeco-3.13.5");
                TargetProgram sleep = sleep("sleep")) {
            Outcome outcome = program.run(List.of(), "check", "--pid", python.pid() + "," + sleep.pid());
            assertThat(outcome.status()).isZero();
            assertThat(outcome.out().lines().toList())
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .startsWith("pid=" + python.pid()
                                            + " comm=python3.13 frames=\"3.13.5 by reading\" verdict=ready"
                                            + " version=3.13.5 kind=shared interpreter=/")
                                    .contains("trampoline=off", "set_up_before=false", "route=parked_thread"),
                            line -> assertThat(line)
                                    .startsWith("pid=" + sleep.pid()
                                            + " comm=sleep frames=not_python verdict=refused"
                                            + " reason=not_python"));
            assertThat(outcome.err()).isEqualTo("python check by_reading=1 ready=1 not_python=1\n");
        }
    }

    /** Each version, also those that have no trampoline. */
    @Test
    void framesOfEveryVersion() throws Exception {
        List<TargetProgram> pythons = new ArrayList<>();
        try {
            List<Interpreter> all = Interpreter.oneOfEachMinor();
            for (Interpreter interpreter : all) {
                pythons.add(TargetProgram.start(
                        Map.of(), List.of(interpreter.command().toString(), "-c", SLEEP)));
            }
            String pids = pythons.stream().map(python -> "" + python.pid()).collect(Collectors.joining(","));
            List<String> lines =
                    program.run(List.of(), "check", "--pid", pids).out().lines().toList();
            assertThat(lines).hasSameSizeAs(all).hasSizeGreaterThan(6);
            for (int at = 0; at < all.size(); at++) {
                Interpreter interpreter = all.get(at);
                String version = interpreter.part(1) >= 11 ? interpreter.version() : "3." + interpreter.part(1);
                assertThat(lines.get(at)).contains(" frames=\"" + version + " by reading\" ");
                assertThat(lines.get(at).contains("reason=python_too_old")).isEqualTo(interpreter.part(1) < 12);
            }
        } finally {
            for (TargetProgram python : pythons) {
                python.close();
            }
        }
    }

    /** A program that shows what one of these shows: the version, and where 3.13 and later describe themselves. */
    @ParameterizedTest
    @CsvSource({
        "0x031000f0, 0x031000f0, 0, unknown_version",
        "0x030e00f0, 0x030e00f0, 1, free_threaded",
        "0x030d00f0, 0x030e00f0, 0, not_described",
        "0x030d00f0, 0x030d00f0, 0, contradictory"
    })
    void aPythonWhoseFramesAreNotKnown(String version, String described, int freeThreaded, String reason)
            throws Exception {
        Path binary = Files.createTempDirectory(folder, "python").resolve("python");
        Path source = binary.resolveSibling("python.c");
        Files.writeString(source, """
                #include <stdio.h>
                #include <unistd.h>
                unsigned long Py_Version = %s, _PyRuntime[100] = {0x7970677562656478, %s, %d};
                int main(void) { puts("ready"); fflush(stdout); for (;;) usleep(1000); }
                """.formatted(version, described, freeThreaded));
        Tool.output("gcc", "-rdynamic", "-o", binary.toString(), source.toString());
        try (TargetProgram python = TargetProgram.start(Map.of(), List.of(binary.toString()))) {
            String pid = Integer.toString(python.pid());
            Outcome outcome = program.run(List.of(), "check", "--pid", pid);
            assertThat(outcome.out()).contains(" comm=python frames=" + reason + " verdict=refused ");
            Outcome run = program.run(List.of(), "--pid", pid, "-d", "1", "-o", binary + ".pb.gz");
            assertThat(run.err())
                    .contains("missed: 1 Pythons have frames that cannot be read: perf-agent check says why");
        }
    }

    /** It says what it is by a text in it, and has no symbols that say where. */
    @Test
    void aProgramThatHoldsAnInterpreterWithoutSymbols() throws Exception {
        try (TargetProgram stripped = TargetProgram.start(Map.of(), List.of(special("stripped3.13"), "-c", SLEEP))) {
            Outcome outcome = program.run(List.of(), "check", "--pid", Integer.toString(stripped.pid()));
            assertThat(outcome.out()).contains(" frames=no_symbols ", "reason=no_libpython_symbols");
            assertThat(outcome.err()).isEqualTo("python check by_reading=0 ready=0 no_libpython_symbols=1\n");
        }
    }

    /** Parsed by Python's json: every process, one of them with a name meant to break out of it. */
    @Test
    void jsonOfEveryProcess() throws Exception {
        try (TargetProgram python = python("debian-3.15");
                TargetProgram hostile = sleep("a\", \\\n\033é{")) {
            Outcome outcome = program.run(List.of(), "check", "-a", "--json");
            assertThat(outcome.status()).isZero();
            Path json = Files.writeString(folder.resolve("all.json"), outcome.out());
            String read = Tool.output(
                    interpreter("bytedeco-3.13.5"),
                    "-c",
                    "import json, sys\nfor p in json.load(open(sys.argv[1])):"
                            + " print(p['pid'], ascii(p['comm']), p['verdict'], p['reason'], p['version'], p['kind'],"
                            + " p['frames'])",
                    json.toString());
            assertThat(read)
                    .contains(python.pid() + " 'python3.15' ready None 3.15.2 static 3.15.2 by reading\n")
                    .contains(hostile.pid() + " 'a\", \\\\\\n\\x1b\\xe9{' refused not_python None None not_python\n");
        }
    }

    @Test
    void nothingIsTouched() throws Exception {
        Path trace = folder.resolve("trace");
        List<String> strace = List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e", CALLS);
        try (TargetProgram python = python("bytedeco-3.13.5")) {
            Outcome outcome = program.run(strace, "check", "--pid", Integer.toString(python.pid()));
            assertThat(outcome.out()).contains("verdict=ready");
            List<String> calls = Files.readAllLines(trace);
            assertThat(calls).anyMatch(call -> call.contains("/proc/" + python.pid() + "/mem\", O_RDONLY"));
            assertThat(calls).noneMatch(CheckIT::touches);
        }
    }

    @Test
    void r13WhatIsLackingIsSaid() throws Exception {
        try (TargetProgram python = python("bytedeco-3.13.5")) {
            Outcome outcome = program.run(NOBODY, "check", "--pid", Integer.toString(python.pid()));
            assertThat(outcome.status()).isZero();
            assertThat(outcome.out())
                    .contains(" frames=unreadable ", "reason=ptrace_eperm")
                    .contains("it needs root or CAP_SYS_PTRACE, or the same user");
            assertThat(outcome.err()).contains("missing=CAP_BPF,CAP_PERFMON,CAP_SYS_PTRACE");
        }
    }

    /** Rights in a namespace of one's own are none over processes outside. */
    @Test
    void r13FromAnotherUserNamespace() throws Exception {
        try (TargetProgram python = python("bytedeco-3.13.5")) {
            Outcome outcome = program.run(
                    List.of("unshare", "--user", "--map-root-user"), "check", "--pid", Integer.toString(python.pid()));
            assertThat(outcome.out()).contains("reason=ptrace_eperm", "another user namespace");
        }
    }

    @Test
    void intoAnotherUserNamespace() throws Exception {
        List<String> command =
                List.of("unshare", "--user", "--map-root-user", interpreter("bytedeco-3.13.5"), "-c", SLEEP);
        try (TargetProgram python = TargetProgram.start(Map.of(), command)) {
            Outcome outcome = program.run(List.of(), "check", "--pid", Integer.toString(python.pid()));
            assertThat(outcome.out()).contains("verdict=ready");
        }
    }

    @Test
    void r12LibraryThatIsGoneOrAnother() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path library = copy("bytedeco-3.13.5", home).resolve("libpython3.13.so.1.0");
        try (TargetProgram python = copied(home)) {
            String pid = Integer.toString(python.pid());
            assertThat(program.run(WITHOUT_MAP_FILES, "check", "--pid", pid).out())
                    .contains("verdict=ready");
            Path other = Path.of(interpreter("bytedeco-3.13.0"))
                    .resolveSibling("org/bytedeco/cpython/linux-x86_64/libpython3.13.so.1.0");
            Tool.output("nsenter", "-m", "-t", pid, "mount", "--bind", other.toString(), library.toString());
            assertThat(program.run(WITHOUT_MAP_FILES, "check", "--pid", pid).out())
                    .contains("reason=library_not_found", "library not found on disk", "another file has its name");
            Tool.output("nsenter", "-m", "-t", pid, "umount", library.toString());
            Files.delete(library);
            assertThat(program.run(WITHOUT_MAP_FILES, "check", "--pid", pid).out())
                    .contains("reason=library_not_found", "removed or replaced", "CAP_CHECKPOINT_RESTORE");
            assertThat(program.run(List.of(), "check", "--pid", pid).out()).contains("verdict=ready");
        }
    }

    @Test
    void aProcessThatDoesNotExist() throws Exception {
        try (TargetProgram sleep = sleep("sleep")) {
            Outcome outcome = program.run(List.of(), "check", "--pid", "2147483647", "" + sleep.pid());
            assertThat(outcome.status()).isOne();
            assertThat(outcome.out())
                    .contains("pid=2147483647 comm=\"\" verdict=refused reason=process_gone")
                    .contains("pid=" + sleep.pid() + " comm=sleep frames=not_python verdict=refused");
        }
    }

    @Test
    void aThreadIsNoProcess() throws Exception {
        int thread = otherThread((int) ProcessHandle.current().pid());
        Outcome outcome = program.run(List.of(), "check", "--pid", Integer.toString(thread));
        assertThat(outcome.status()).isOne();
        assertThat(outcome.err())
                .isEqualTo("perf-agent: " + thread + " is a thread: give its process, --pid "
                        + ProcessHandle.current().pid() + "\n");
    }

    /** R9: of two targets the second is refused, and that is said before the first is touched. */
    @Test
    void r9ARefusalComesBeforeAnythingIsTouched() throws Exception {
        try (TargetProgram python = python("bytedeco-3.13.5");
                TargetProgram old = TargetProgram.start(Map.of(), List.of(special("python3.11"), "-c", SLEEP))) {
            String pids = python.pid() + "," + old.pid();
            Process run = Agent.start(
                    folder, "--inject-python", "--duration", "1s", "--output", "refused.pb.gz", "--pid", pids);
            String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(err).isZero();
            assertThat(err)
                    .containsSubsequence(
                            "python inject skipped pid=" + old.pid() + " reason=python_too_old",
                            "python inject activated pid=" + python.pid());
        }
    }

    /** The virtual machine writes to files of its own, /proc/self among them; signals it sends to nobody. */
    private static boolean touches(String call) {
        boolean opensForWriting = call.matches(".*\"/proc/\\d.*O_(WRONLY|RDWR).*");
        return opensForWriting || call.contains("ptrace(") || call.contains("_writev(") || call.contains("kill(");
    }

    private static TargetProgram python(String name) throws Exception {
        return TargetProgram.start(Map.of(), List.of(interpreter(name), "-c", SLEEP));
    }

    private static TargetProgram copied(Path home) throws Exception {
        Path copy = home.resolve("linux-x86_64");
        return TargetProgram.start(
                Map.of("LD_LIBRARY_PATH", copy + ":" + copy.resolve("lib")),
                List.of("unshare", "-m", copy.resolve("bin/python3.13").toString(), "-c", SLEEP));
    }

    private static Path copy(String name, Path home) throws Exception {
        Path installed = Path.of(interpreter(name)).resolveSibling("org/bytedeco/cpython/linux-x86_64");
        Tool.output("cp", "-r", installed.toString(), home.toString());
        return home.resolve("linux-x86_64");
    }

    /** A program that sleeps, under a name of the test's choice. */
    private static TargetProgram sleep(String name) throws Exception {
        Path copy = Files.createTempDirectory(folder, "sleep").resolve(name);
        Files.copy(Path.of("/bin/sleep"), copy);
        assertThat(copy.toFile().setExecutable(true)).isTrue();
        TargetProgram target = TargetProgram.start(
                Map.of(), List.of("sh", "-c", "echo ready; exec \"$@\"", "sh", copy.toString(), "300"));
        while (ProcStat.read(target.pid()).comm().equals("sh")) {
            Thread.onSpinWait();
        }
        return target;
    }

    private static int otherThread(int pid) throws Exception {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path task : tasks) {
                int tid = Integer.parseInt(task.getFileName().toString());
                if (tid != pid) {
                    return tid;
                }
            }
        }
        throw new AssertionError("a virtual machine has many threads");
    }

    private static String interpreter(String name) {
        return Interpreter.all().stream()
                .filter(interpreter -> interpreter.name().equals(name))
                .findFirst()
                .orElseThrow()
                .command()
                .toString();
    }

    private static String special(String name) {
        return Path.of("target", "interpreters", "special", name)
                .toAbsolutePath()
                .toString();
    }
}
