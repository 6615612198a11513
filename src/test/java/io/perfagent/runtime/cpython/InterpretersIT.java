package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.process.TargetCode;
import io.perfagent.procfs.ProcExe;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.walker.TargetBinaries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real interpreters of every version, and files that are none. */
class InterpretersIT {
    private static final String SLEEP = "import time; print('ready', flush=True); time.sleep(300)";

    private final TargetBinaries binaries = new TargetBinaries();

    static List<Interpreter> interpreters() {
        return Interpreter.readable();
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void theFileSaysItsVersionOrItsSymbolsDo(Interpreter interpreter) throws Exception {
        try (TargetProgram target = start(interpreter);
                ElfFile elf = binaries.open(target.pid(), file(target.pid()))) {
            InterpreterFile file = Objects.requireNonNull(InterpreterFile.of(elf));
            int minor = interpreter.part(1);
            assertThat(file.version() != 0).as("has Py_Version").isEqualTo(minor >= 11);
            assertThat(file.runtime() != 0).as("has _PyRuntime").isEqualTo(minor >= 7);
            if (minor < 11) {
                assertThat(file.minor()).isEqualTo(minor);
            }
            if (minor < 10) {
                assertThat(file.evaluation())
                        .as("parts of the evaluation function")
                        .isNotEmpty();
                assertThat(file.evaluation().getFirst().end()
                                - file.evaluation().getFirst().start())
                        .isGreaterThan(1000);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void whatTheKernelSideIsToldOfIt(Interpreter interpreter) throws Exception {
        try (TargetProgram target = start(interpreter)) {
            Mapping file = file(target.pid());
            PythonResult result = new Interpreters(binaries).of(target.pid(), file);
            assertThat(result).isInstanceOf(Python.class);
            Python python = (Python) Objects.requireNonNull(result);
            assertThat(python.layout().minor()).isEqualTo(interpreter.part(1));
            assertThat(python.entry().shape()).isEqualTo(shape(interpreter.part(1)));
            assertThat(python.evaluation()).allMatch(range -> file.contains(range.start()));
            ThreadStates threads = ThreadStates.read(
                    python.layout(),
                    python.entry().interpreters() - python.layout().threads().firstInterpreter(),
                    new TargetCode(target.pid()));
            assertThat(threads.all())
                    .as("found from the address that the kernel side gets")
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/bash", "/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6"})
    void filesThatHoldNone(String name) throws Exception {
        try (ElfFile elf = ElfFile.open(Path.of(name))) {
            assertThat(InterpreterFile.of(elf)).isNull();
        }
    }

    /** Its symbols are gone: nothing says where its data are, so nothing is guessed. */
    @Test
    void aProgramThatHoldsOneWithoutSymbols() throws Exception {
        Path stripped = Path.of("target/interpreters/debian-sid/root/usr/bin/stripped3.13");
        Path exporting = stripped.resolveSibling("inside3.13");
        try (ElfFile elf = ElfFile.open(stripped)) {
            assertThat(InterpreterFile.of(elf)).isNull();
        }
        try (ElfFile elf = ElfFile.open(exporting)) {
            assertThat(Objects.requireNonNull(InterpreterFile.of(elf)).version())
                    .isNotZero();
        }
    }

    private static Shape shape(int minor) {
        return minor >= 12 ? Shape.SHIMS : minor == 11 ? Shape.ENTRIES : minor == 10 ? Shape.CFRAMES : Shape.COUNTED;
    }

    private static TargetProgram start(Interpreter interpreter) throws Exception {
        return TargetProgram.start(Map.of(), List.of(interpreter.command().toString(), "-c", SLEEP));
    }

    /** The code of the libpython that a process has, or of its executable. */
    private static Mapping file(int pid) throws IOException {
        List<Mapping> code = ProcMaps.readExecutable(pid);
        String executable = ProcExe.path(pid);
        return code.stream()
                .filter(mapping -> mapping.path().matches(".*/libpython[^/]*"))
                .findFirst()
                .orElseGet(() -> code.stream()
                        .filter(mapping -> mapping.path().equals(executable))
                        .findFirst()
                        .orElseThrow());
    }
}
