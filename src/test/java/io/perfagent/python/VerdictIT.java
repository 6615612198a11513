package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.NamesInUtf8;
import io.perfagent.python.inject.PythonThread;
import io.perfagent.python.inject.PythonThreads;
import io.perfagent.python.inject.ThreadListCalls;
import io.perfagent.python.inject.x86_64.X86Architecture;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R4, R8: each reason on the real thing. */
final class VerdictIT {
    private static final String SHORT_LIVED_THREADS = """
            import threading
            print('ready', flush=True)
            while True:
                threads = [threading.Thread(target=sum, args=([1],)) for _ in range(8)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
            """;
    private static final String SLEEP = "import time; print('ready', flush=True); time.sleep(300)";

    /** A thread of which Python knows nothing. */
    private static final String HELPER = """
            import ctypes
            c, attributes, thread = ctypes.CDLL(None), ctypes.create_string_buffer(64), ctypes.c_ulong()
            c.pthread_attr_init(attributes)
            assert c.pthread_attr_setstacksize(attributes, ctypes.c_size_t(64 << 10)) == 0
            assert c.pthread_create(ctypes.byref(thread), attributes, ctypes.cast(c.pause, ctypes.c_void_p), None) == 0
            """;

    private static final String REPORTS = """
            import signal, sys
            signal.signal(signal.SIGUSR1, lambda *_: print(f"active={sys.is_stack_trampoline_active()}", flush=True))
            print("ready", flush=True)
            while True: signal.pause()
            """;

    private final PythonInspector inspector = new PythonInspector();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void r4TheVersionIsWhatTheInterpreterSaysItIs(String python) throws Exception {
        String version = Tool.output(python, "-c", "import platform; print(platform.python_version())");
        try (TargetProgram target = python(python)) {
            assertThat(build(target).version()).isEqualTo(version.strip());
        }
    }

    /** A service makes a thread for each request: what is read of one may be gone by then. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#inTurn")
    void threadsThatComeAndGoAreNoReason(String python) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", SHORT_LIVED_THREADS))) {
            for (int time = 0; time < 200; time++) {
                assertThat(inspector.inspect(target.pid()).verdict()).isInstanceOf(Verdict.Candidate.class);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"debug3.14, EMBEDDED, libpython3.14d.so.1.0", "inside3.13, EMBEDDED, inside3.13"})
    void r4InAnotherProgram(String name, PythonKind kind, String file) throws Exception {
        try (TargetProgram target = python(special(name))) {
            assertThat(inspector.inspect(target.pid()).verdict()).isInstanceOf(Verdict.Candidate.class);
            assertThat(build(target).kind()).isEqualTo(kind);
            assertThat(build(target).path()).endsWith("/" + file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"debug3.14", "inside3.13"})
    void r5InAnotherProgram(String name) throws Exception {
        try (PythonTarget target = PythonTarget.start(special(name), "napping");
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            target.awaitActive(true);
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            target.exitCleanly();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "python3.11, PYTHON_TOO_OLD, CPython 3.11.3; trampolines need 3.12 or later",
        "stripped3.13, NO_LIBPYTHON_SYMBOLS, exports nothing",
        "trampolineless3.13, NO_PERF_TRAMPOLINE, 3.13"
    })
    void builds(String name, InjectRefusal reason, String detail) throws Exception {
        try (TargetProgram target = python(special(name))) {
            expect(target.pid(), reason, detail);
            assertThat(inspector.inspect(target.pid()).build()).isNotNull();
        }
    }

    @Test
    void libpythonThatNobodyInitialised() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(special("loader3.14")))) {
            expect(target.pid(), InjectRefusal.NOT_INITIALIZED, "not come up");
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#some")
    void finalizing(String python) throws Exception {
        String lasting = """
                import os, time
                class Last:
                    def __del__(self, sleep=time.sleep, write=os.write):
                        write(1, b"ready\\n")
                        sleep(300)
                last = Last()
                """;
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", lasting))) {
            expect(target.pid(), InjectRefusal.FINALIZING, "shutting down");
        }
    }

    /** No build without the GIL is to be had for every machine: the flag is set in the memory of one that has it. */
    @Test
    void freeThreadedByTheFlagThatTheInterpreterShows() throws Exception {
        try (TargetProgram target = python(debian("3.14"));
                ProcessMemory memory = ProcessMemory.open(target.pid())) {
            Interpreter interpreter = candidate(target).interpreter();
            memory.write(interpreter.runtime().start() + 2 * Long.BYTES, word(1));
            expect(target.pid(), InjectRefusal.FREE_THREADED, "without the GIL");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.14", "3.15"})
    void jitEnabled(String version) throws Exception {
        String on = "import sys; assert sys._jit.is_enabled(); " + SLEEP;
        try (TargetProgram target =
                TargetProgram.start(Map.of("PYTHON_JIT", "1"), List.of(debian(version), "-c", on))) {
            expect(target.pid(), InjectRefusal.JIT_ENABLED, "PYTHON_JIT=1");
        }
        try (TargetProgram target =
                TargetProgram.start(Map.of("PYTHON_JIT", "0"), List.of(debian(version), "-c", SLEEP))) {
            assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#some")
    void anotherEvaluationFunction(String python) throws Exception {
        Path library = folder.resolve("tracer.so");
        compile(
                "void *_PyEval_EvalFrameDefault(void *, void *, int);\n"
                        + "void *traced(void *t, void *f, int throwing) { return _PyEval_EvalFrameDefault(t, f, throwing); }",
                "-shared",
                "-fPIC",
                "-o",
                library.toString());
        String install = """
                import ctypes
                api = ctypes.pythonapi
                api.PyInterpreterState_Main.restype = ctypes.c_void_p
                traced = ctypes.cast(ctypes.CDLL("%s").traced, ctypes.c_void_p)
                api._PyInterpreterState_SetEvalFrameFunc(ctypes.c_void_p(api.PyInterpreterState_Main()), traced)
                """.formatted(library);
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", install + SLEEP))) {
            expect(target.pid(), InjectRefusal.FOREIGN_EVAL_FRAME, library.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void switchedOnAndOffBySomebodyElse(String python) throws Exception {
        String used = "import sys; sys.activate_stack_trampoline('perf'); sys.deactivate_stack_trampoline(); " + SLEEP;
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", used))) {
            Verdict verdict = inspector.inspect(target.pid()).verdict();
            assertThat(((Verdict.Refused) verdict).reason())
                    .isIn(InjectRefusal.REACTIVATION_UNSAFE, InjectRefusal.FORK_UNSAFE);
        }
    }

    /** Until 3.13 a thread needs room for a call in C for each call in Python. */
    @ParameterizedTest
    @CsvSource({"sleep, 256", "sleep, 600", "spin, 256"})
    void smallThreadStack(String what, int kilobytes) throws Exception {
        String spawn = worker(what, kilobytes);
        for (String python : List.of(TestInterpreters.first(), debian("3.13"))) {
            try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", spawn + SLEEP))) {
                expect(target.pid(), InjectRefusal.SMALL_THREAD_STACK, "a stack of " + kilobytes + " KiB");
            }
        }
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(debian("3.14"), "-c", spawn + SLEEP))) {
            assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
        }
    }

    /** With guards that are no mappings of their own the kernel has one of both: a small stack seems to reach down to the large one's end. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#switchable")
    void smallThreadStackAboveALargeOne(String python) throws Exception {
        String code = """
                import threading, time
                for size in 256 << 10, 1 << 20:
                    threading.stack_size(size)
                    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
                """;
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", code + SLEEP))) {
            if (ActivationGates.stackNeeded(TestInterpreters.minor(python)) == 0) {
                assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
            } else {
                expect(target.pid(), InjectRefusal.SMALL_THREAD_STACK, "a stack of 256 KiB");
            }
        }
    }

    /** Some versions end where they are refused an arena for trampolines. */
    @ParameterizedTest
    @CsvSource({"RLIMIT_AS, --as, VmSize", "RLIMIT_DATA, --data, VmData"})
    void littleMemoryLeft(String limit, String option, String used) throws Exception {
        for (String python : List.of(TestInterpreters.first(), debian("3.14"))) {
            try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", SLEEP))) {
                leaveMemory(target.pid(), option, used, 40);
                expect(target.pid(), InjectRefusal.MEMORY_LIMIT, "(" + limit + ") leaves 40960 KiB");
                leaveMemory(target.pid(), option, used, 200);
                assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
            }
        }
    }

    private static void leaveMemory(int pid, String option, String used, long mebibytes) throws Exception {
        long kibibytes = Long.parseLong(ProcStatus.read(pid).field(used).replace(" kB", ""));
        long limit = (kibibytes << 10) + (mebibytes << 20);
        Tool.output("prlimit", "--pid", Integer.toString(pid), option + "=" + limit + ":");
    }

    /** One of a library in C, with a stack on which no Python function could run, beside one of Python that waits or computes. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#switchable")
    void smallStacksOfThreadsThatRunNoPython(String python) throws Exception {
        for (String what : List.of("sleep", "spin")) {
            try (TargetProgram target =
                    TargetProgram.start(Map.of(), List.of(python, "-c", HELPER + worker(what, 2048) + SLEEP))) {
                assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
            }
        }
    }

    /** A list without an end tells nothing: then every thread counts. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#inTurn")
    void threadsInACircle(String python) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", HELPER + SLEEP));
                ProcessMemory memory = ProcessMemory.open(target.pid())) {
            Interpreter interpreter = candidate(target).interpreter();
            X86Architecture architecture = new X86Architecture();
            ThreadListCalls lists = interpreter.threadLists();
            assertThat(PythonThreads.of(interpreter, architecture, memory))
                    .isEqualTo(List.of(new PythonThread(
                            target.pid(),
                            PythonThreads.of(interpreter, architecture, memory)
                                    .getFirst()
                                    .descriptor())));
            long main = architecture.getter(memory, lists.interpreters(), 0).orElseThrow();
            long state = architecture.getter(memory, lists.threads(), main).orElseThrow();
            memory.write(state + Long.BYTES, word(state)); // its next
            assertThat(PythonThreads.of(interpreter, architecture, memory)).isNull();
            if (interpreter.minor() < 14) {
                expect(target.pid(), InjectRefusal.SMALL_THREAD_STACK, "a stack of 64 KiB");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#switchable")
    void threadsOfAJvm(String python) throws Exception {
        if (python.contains("debian")) {
            return; // in a root of its own, where no JVM is
        }
        List<String> command = List.of(python, "src/test/workloads/jvm.py", System.getProperty("java.home"));
        try (TargetProgram target = TargetProgram.start(Map.of(), command);
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
        }
    }

    /** What perf records is whole, or the user would look for functions in vain. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#since313")
    void writesAJitDump(String python) throws Exception {
        for (Map<String, String> environment :
                List.of(Map.of("PYTHON_PERF_JIT_SUPPORT", "1"), Map.<String, String>of())) {
            List<String> command = new ArrayList<>(List.of(python, "-c", REPORTS));
            command.addAll(1, environment.isEmpty() ? List.of("-X", "perf_jit") : List.of());
            try (TargetProgram target = TargetProgram.start(environment, command);
                    PythonActivator activator = new PythonActivator()) {
                expect(target.pid(), InjectRefusal.PERF_JIT, "jit-" + target.pid() + ".dump");
                assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Refused.class);
                assertThat(activator.deactivate(target.pid()))
                        .isInstanceOfSatisfying(
                                DeactivationResult.Failed.class,
                                failed -> assertThat(failed.reason()).isEqualTo(InjectRefusal.PERF_JIT));
                assertThat(target.report()).isEqualTo("active=True");
                Files.delete(Path.of("/proc/" + target.pid() + "/root/tmp/jit-" + target.pid() + ".dump"));
                expect(target.pid(), InjectRefusal.PERF_JIT, "jit-" + target.pid() + ".dump");
            }
        }
    }

    /**
     * Seen in the target alone: a path, and a module that was loaded from there. Nothing is called from there any more: were it not
     * refused, this target would not be harmed either.
     */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#switchable")
    void aPathThatIsNotUtf8(String python) throws Exception {
        String path = "import sys; sys.path.append('/nowhere/caf\\udce9')\n";
        String module = """
                import os, shutil, sys, tempfile
                folder = tempfile.mkdtemp() + '/caf\\udce9'
                os.mkdir(folder)
                open(folder + '/loaded.py', 'w').close()
                sys.path.append(folder)
                import loaded
                sys.path.remove(folder)
                shutil.rmtree(os.path.dirname(folder))
                """;
        for (String code : List.of(path, module)) {
            activate(
                    python,
                    code,
                    interpreter -> NamesInUtf8.required(interpreter)
                            ? new ActivationResult.Refused(
                                    InjectRefusal.UNDECODABLE_NAMES,
                                    "a path in sys.path, of a module or in the command line is not UTF-8, and CPython "
                                            + interpreter.versionText()
                                            + " ends over the name of a function whose file has such a name")
                            : null);
        }
    }

    /** What else keeps the interpreter from switching it on is not taken for a name. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#switchable")
    void anotherFailureInTheTarget(String python) throws Exception {
        for (String exception : List.of("ValueError('perf trampoline not available')", "SystemExit(3)")) {
            String code = "import sys\ndef fails(name): raise %s\nsys.activate_stack_trampoline = fails\n"
                    .formatted(exception);
            activate(
                    python,
                    code,
                    interpreter -> interpreter.jit()
                            ? new ActivationResult.Refused(
                                    InjectRefusal.JIT_ENABLED,
                                    "CPython has no trampoline while its JIT is on: the interpreter did not switch it on")
                            : new ActivationResult.Refused(
                                    InjectRefusal.NO_PERF_TRAMPOLINE,
                                    "the interpreter did not switch the trampoline on"));
        }
    }

    /** @param expected refusal; null for none */
    private void activate(
            String python, String code, Function<Interpreter, ActivationResult.@Nullable Refused> expected)
            throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", code + REPORTS));
                PythonActivator activator = new PythonActivator()) {
            ActivationResult refused = expected.apply(candidate(target).interpreter());
            ActivationResult result = activator.activate(target.pid());
            assertThat(target.report()).isEqualTo("active=" + (refused == null ? "True" : "False"));
            if (refused == null) {
                assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            } else {
                assertThat(result).isEqualTo(refused);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#inTurn")
    void aCommandLineOrDirectoryThatIsNotUtf8(String python) throws Exception {
        boolean concerned =
                NamesInUtf8.required(TestInterpreters.minor(python), TestInterpreters.version(python, "micro"));
        String argument = "exec \"$0\" -c \"$1\" \"$(printf 'caf\\351')\"";
        String directory = "mkdir \"$2/$(printf 'caf\\351')\" && cd \"$2/\"caf* && exec \"$0\" -c \"$1\"";
        for (String shell : List.of(argument, directory)) {
            List<String> command = List.of("sh", "-c", shell, python, SLEEP, folder.toString());
            if (python.contains("debian") && shell.equals(directory)) {
                continue; // changes its root, and directory
            }
            try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
                if (concerned) {
                    expect(target.pid(), InjectRefusal.UNDECODABLE_NAMES, "is not UTF-8");
                } else {
                    candidate(target);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exec "$@" <&-                                              | standard input is closed, and its map would get that descriptor; start it with </dev/null
            exec "$@" >&-                                              | that descriptor; start it with >/dev/null
            exec "$@" 2>&-                                             | that descriptor; start it with 2>/dev/null
            ulimit -n 24; exec "$@" 10</dev/null 11</dev/null          | of the 24 descriptors open that it may have; start it with more (ulimit -n)
            """)
    void noDescriptorForTheMap(String shell, String detail) throws Exception {
        String says = "import os; os.write(%d, b'ready\\n'); ".formatted(shell.contains(" >&-") ? 2 : 1);
        String fills = shell.contains("ulimit") ? "import os; [os.dup(0) for _ in range(8)]; " : "";
        String code = fills + says + "import time; time.sleep(300)";
        List<String> command = List.of("sh", "-c", shell, "sh", TestInterpreters.first(), "-c", code);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            expect(target.pid(), InjectRefusal.MAP_UNWRITABLE, detail);
        }
    }

    @Test
    void usualThreadStacks() throws Exception {
        String spawn = """
                import threading
                for _ in range(5):
                    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
                """;
        for (String python : List.of(TestInterpreters.first(), debian("3.13"))) {
            try (TargetProgram target = TargetProgram.start(Map.of(), List.of(python, "-c", spawn + SLEEP))) {
                assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0     | mount -t tmpfs -o ro none /tmp                                          | mounted read-only
            0     | mount --bind /mnt /tmp && mount -o remount,ro,bind /tmp                 | mounted read-only
            0     | mount -t tmpfs -o size=4k none /tmp && head -c 4096 /dev/zero >/tmp/all | is full
            65534 | mount -t tmpfs -o mode=0755 none /tmp                                   | may not write
            0     | mount -t tmpfs none /tmp && ln -s /etc/passwd /tmp/perf-$$.map          | is a link
            0     | mount -t tmpfs none /tmp && mkdir /tmp/perf-$$.map                      | is no regular file
            65534 | mount -t tmpfs none /tmp && : >/tmp/perf-$$.map                         | another user
            """)
    void mapUnwritable(int user, String setUp, String detail) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", setUp + " && exec \"$@\"", "sh"));
        String become =
                "import os; os.setgroups([]); os.setregid(%1$d, %1$d); os.setreuid(%1$d, %1$d)%n".formatted(user);
        command.addAll(List.of(TestInterpreters.first(), "-c", become + SLEEP));
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            expect(target.pid(), InjectRefusal.MAP_UNWRITABLE, detail);
        }
    }

    @Test
    void removedAndStillRead() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path old = Path.of("target/interpreters/bytedeco-3.13.5/org/bytedeco/cpython/linux-x86_64")
                .toAbsolutePath();
        Tool.output("cp", "-r", old.toString(), home.toString());
        Path copy = home.resolve("linux-x86_64");
        try (TargetProgram target = TargetProgram.start(
                Map.of("LD_LIBRARY_PATH", copy + ":" + copy.resolve("lib")),
                List.of(copy.resolve("bin/python3.13").toString(), "-c", SLEEP))) {
            Files.delete(copy.resolve("libpython3.13.so.1.0"));
            assertThat(build(target).version()).isEqualTo("3.13.5"); // by map_files, which root may read
            assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
        }
    }

    @Test
    void otherPrograms() throws Exception {
        try (TargetProgram go = waiting("gofmt");
                TargetProgram c = waiting("sleep", "300")) {
            expect(go.pid(), InjectRefusal.NOT_PYTHON, "gofmt holds no interpreter");
            expect(c.pid(), InjectRefusal.NOT_PYTHON, "sleep holds no interpreter");
        }
        expect((int) ProcessHandle.current().pid(), InjectRefusal.NOT_PYTHON, "java holds no interpreter");
        expect(2, InjectRefusal.NOT_PYTHON, "a kernel thread");
    }

    @Test
    void ofAnotherWordSize() throws Exception {
        for (String name : List.of("program", "python3.13")) {
            Path program = folder.resolve(name);
            compile(
                    "void _start(void) { for (;;) __asm__ volatile (\"int $0x80\" : : \"a\"(29)); }", // pause
                    "-m32",
                    "-nostdlib",
                    "-static",
                    "-ffreestanding",
                    "-fno-pie",
                    "-no-pie",
                    "-o",
                    program.toString());
            try (TargetProgram target = waiting(program.toString())) {
                InjectRefusal reason = name.equals("program") ? InjectRefusal.NOT_PYTHON : InjectRefusal.UNSUPPORTED;
                expect(target.pid(), reason, "not a 64-bit little-endian ELF file");
            }
        }
    }

    /** Its programs hold its module loader, and link the interpreter. */
    @ParameterizedTest
    @CsvSource({"nuitka_module_loader, true", "another_module_loader, false"})
    void compiledByNuitka(String loader, boolean compiled) throws Exception {
        Path home = Path.of("target/interpreters/bytedeco-3.13.5/org/bytedeco/cpython/linux-x86_64")
                .toAbsolutePath();
        Path program = folder.resolve("app.bin");
        compile(
                "int Py_BytesMain(int, char **); const char *const name = \"" + loader + "\";\n"
                        + "int main(int count, char **arguments) { return Py_BytesMain(count, arguments); }",
                home.resolve("libpython3.13.so.1.0").toString(),
                "-o",
                program.toString());
        Map<String, String> environment =
                Map.of("PYTHONHOME", home.toString(), "LD_LIBRARY_PATH", home + ":" + home.resolve("lib"));
        try (TargetProgram target = TargetProgram.start(environment, List.of(program.toString(), "-c", SLEEP))) {
            assertThat(build(target).kind()).isEqualTo(PythonKind.EMBEDDED);
            assertThat(candidate(target).outlook().compiled()).isEqualTo(compiled);
        }
    }

    @Test
    void zombie() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sh -c 'echo $$' & exec sleep 60").start();
        try {
            int zombie =
                    Integer.parseInt(parent.inputReader(StandardCharsets.UTF_8).readLine());
            awaitState(zombie, 'Z');
            expect(zombie, InjectRefusal.PROCESS_GONE, "has ended");
        } finally {
            parent.destroy();
        }
    }

    @Test
    void gone() {
        expect(Integer.MAX_VALUE, InjectRefusal.PROCESS_GONE, "has ended");
    }

    @Test
    void stoppedBySignal() throws Exception {
        try (TargetProgram target = python(TestInterpreters.first())) {
            Tool.output("kill", "-STOP", Integer.toString(target.pid()));
            awaitState(target.pid(), 'T');
            expect(target.pid(), InjectRefusal.STOPPED, "SIGCONT");
        }
    }

    @Test
    void r13AnotherTracer() throws Exception {
        try (TargetProgram target = python(TestInterpreters.first())) {
            Process strace = new ProcessBuilder("strace", "-qq", "-o", "/dev/null", "-p", "" + target.pid()).start();
            try {
                awaitTracer(target.pid());
                expect(target.pid(), InjectRefusal.PTRACE_EPERM, "traced by strace (process " + strace.pid() + ")");
            } finally {
                strace.destroy();
                strace.waitFor();
            }
            assertThat(candidate(target).outlook().trampoline()).isEqualTo(TrampolineState.OFF);
        }
    }

    /** A thread of Python's. */
    private static String worker(String what, int kilobytes) {
        return """
                import threading, time
                spin = lambda: [None for _ in iter(int, 1)]
                sleep = lambda: time.sleep(300)
                threading.stack_size(%d << 10)
                threading.Thread(target=%s, daemon=True).start()
                """.formatted(kilobytes, what);
    }

    private static byte[] word(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static TargetProgram python(String python) throws IOException {
        return TargetProgram.start(Map.of(), List.of(python, "-c", SLEEP));
    }

    /** A program that says nothing, with an input that never ends. */
    private static TargetProgram waiting(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("sh", "-c", "echo ready; exec \"$@\" </dev/zero", "sh"));
        all.addAll(List.of(command));
        TargetProgram target = TargetProgram.start(Map.of(), all);
        while (!executes(target.pid())) {
            Thread.onSpinWait();
        }
        return target;
    }

    /** The shell's program is gone, and all of the other one is mapped: execve maps the vDSO last. */
    private static boolean executes(int pid) throws Exception {
        Path process = Path.of("/proc/" + pid);
        return !Files.readSymbolicLink(process.resolve("exe")).endsWith("dash")
                && Files.readString(process.resolve("maps")).contains("[vdso]");
    }

    private static String special(String name) {
        return Path.of("target", "interpreters", "special", name)
                .toAbsolutePath()
                .toString();
    }

    private static String debian(String version) {
        return Path.of("target", "interpreters", "debian-sid", "python" + version)
                .toAbsolutePath()
                .toString();
    }

    private static void compile(String source, String... options) throws Exception {
        Path file = Files.createTempFile("source", ".c");
        try {
            Files.writeString(file, source);
            List<String> command = new ArrayList<>(List.of("gcc", "-O2", file.toString()));
            command.addAll(List.of(options));
            Tool.output(command, Path.of("/"));
        } finally {
            Files.delete(file);
        }
    }

    private PythonBuild build(TargetProgram target) {
        return Objects.requireNonNull(inspector.inspect(target.pid()).build());
    }

    private Verdict.Candidate candidate(TargetProgram target) {
        Verdict verdict = inspector.inspect(target.pid()).verdict();
        assertThat(verdict).isInstanceOf(Verdict.Candidate.class);
        return (Verdict.Candidate) verdict;
    }

    private void expect(int pid, InjectRefusal reason, String detail) {
        assertThat(inspector.inspect(pid).verdict()).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
            assertThat(refused.reason()).as(refused.detail()).isEqualTo(reason);
            assertThat(refused.detail()).contains(detail);
        });
    }

    private static void awaitState(int pid, char state) throws Exception {
        while (!Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") " + state + " ")) {
            Thread.sleep(10);
        }
    }

    private static void awaitTracer(int pid) throws Exception {
        while (Files.readString(Path.of("/proc/" + pid + "/status")).contains("TracerPid:\t0")) {
            Thread.sleep(10);
        }
    }
}
