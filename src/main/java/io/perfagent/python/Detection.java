package io.perfagent.python;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.inject.AddressRange;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * Looks at a process from outside for a CPython that can be activated: the name of a mapped libpython, else the symbols of the
 * executable; then the exact version, which stands in the file and in memory as {@code Py_Version}.
 */
final class Detection {
    private static final int FIRST_MINOR = 12;
    /** First release whose trampoline builds with musl. */
    private static final int FIRST_MUSL_MINOR = 15;

    private static final long DEBUG_COOKIE = 0x7970_6775_6265_6478L; // "xdebugpy"

    private final int pid;
    private final Architecture architecture;
    private final List<Mapping> mappings;

    private Detection(int pid, Architecture architecture) throws IOException {
        this.pid = pid;
        this.architecture = architecture;
        this.mappings = ProcMaps.read(pid);
    }

    static Interpreter find(int pid, Architecture architecture) throws IOException, RefusedException {
        long startTime = ProcStat.read(pid).startTime();
        Detection detection = new Detection(pid, architecture);
        PythonFile file = PythonFile.of(pid, detection.mappings);
        if (file == null) {
            throw new RefusedException(InjectRefusal.NOT_PYTHON, "no libpython is mapped");
        }
        return detection.examine(file, startTime);
    }

    private Interpreter examine(PythonFile file, long startTime) throws IOException, RefusedException {
        checkName(file);
        try (ElfFile elf = open(file);
                ProcessMemory memory = ProcessMemory.view(pid)) {
            InterpreterSymbols symbols = InterpreterSymbols.read(elf);
            checkSymbols(file, elf, symbols);
            long bias =
                    file.mapping().start() - elf.addressOfOffset(file.mapping().fileOffset());
            int version = version(symbols, bias, memory);
            Interpreter interpreter = new Interpreter(
                    pid,
                    startTime,
                    file.mapping(),
                    version,
                    symbols.calls(bias),
                    loop(elf, symbols, bias),
                    runtime(symbols, bias));
            checkVersion(interpreter, symbols);
            checkFreeThreaded(symbols, bias, memory);
            return interpreter;
        } catch (ElfException e) {
            throw new RefusedException(
                    InjectRefusal.NO_LIBPYTHON_SYMBOLS, file.mapping().path() + ": " + e.getMessage());
        }
    }

    private static void checkName(PythonFile file) throws RefusedException {
        if (file.library() && file.minor() < FIRST_MINOR) {
            throw new RefusedException(
                    InjectRefusal.PYTHON_TOO_OLD, file.mapping().path());
        }
        if (file.freeThreaded()) {
            throw new RefusedException(
                    InjectRefusal.FREE_THREADED, file.mapping().path());
        }
    }

    private ElfFile open(PythonFile file) throws IOException, RefusedException {
        Mapping mapping = file.mapping();
        try {
            return ElfFile.open(MappedFile.path(pid, mapping));
        } catch (NoSuchFileException _) {
            throw new RefusedException(InjectRefusal.LIBRARY_NOT_FOUND, "library not found on disk: " + mapping.path());
        }
    }

    private void checkSymbols(PythonFile file, ElfFile elf, InterpreterSymbols symbols) throws RefusedException {
        String path = file.mapping().path();
        if (!symbols.isPython()) {
            InjectRefusal reason = file.namedPython() ? InjectRefusal.NO_LIBPYTHON_SYMBOLS : InjectRefusal.NOT_PYTHON;
            throw new RefusedException(reason, path + " exports nothing of CPython");
        }
        if (elf.machine() != architecture.machine()) {
            throw new RefusedException(InjectRefusal.UNSUPPORTED, path + " is of machine " + elf.machine());
        }
        if (symbols.find("Py_Version") == null) {
            throw new RefusedException(InjectRefusal.PYTHON_TOO_OLD, path + " is older than 3.11");
        }
    }

    private static int version(InterpreterSymbols symbols, long bias, ProcessMemory memory) throws IOException {
        Symbol constant = symbols.find("Py_Version");
        return constant == null ? 0 : (int) memory.word(bias + constant.address());
    }

    private void checkVersion(Interpreter interpreter, InterpreterSymbols symbols) throws RefusedException {
        String version = "CPython " + interpreter.versionText();
        if (interpreter.version() >>> 24 != 3 || interpreter.minor() < FIRST_MINOR) {
            throw new RefusedException(InjectRefusal.PYTHON_TOO_OLD, version);
        }
        if (symbols.lacksTrampoline() || (usesMusl() && interpreter.minor() < FIRST_MUSL_MINOR)) {
            throw new RefusedException(InjectRefusal.NO_PERF_TRAMPOLINE, version + " was built without");
        }
        List<String> missing = symbols.missing();
        if (!missing.isEmpty()) {
            throw new RefusedException(
                    InjectRefusal.NO_LIBPYTHON_SYMBOLS, version + " does not export " + String.join(", ", missing));
        }
    }

    private List<AddressRange> loop(ElfFile elf, InterpreterSymbols symbols, long bias) throws IOException {
        Symbol evaluator = symbols.find(InterpreterSymbols.EVAL_FRAME);
        if (evaluator == null) {
            return List.of();
        }
        List<AddressRange> parts = EvaluationLoop.parts(elf, evaluator, architecture);
        return parts.stream().map(part -> part.plus(bias)).toList();
    }

    private static AddressRange runtime(InterpreterSymbols symbols, long bias) {
        Symbol runtime = symbols.find("_PyRuntime");
        return runtime == null
                ? new AddressRange(0, 0)
                : new AddressRange(runtime.address(), runtime.address() + runtime.size()).plus(bias);
    }

    private boolean usesMusl() {
        for (Mapping mapping : mappings) {
            if (mapping.path().contains("/ld-musl-") || mapping.path().contains("/libc.musl-")) {
                return true;
            }
        }
        return false;
    }

    /** From 3.13 on, _PyRuntime begins with: cookie "xdebugpy" │ version u64 │ free-threaded u64. */
    private static void checkFreeThreaded(InterpreterSymbols symbols, long bias, ProcessMemory memory)
            throws IOException, RefusedException {
        Symbol runtime = symbols.find("_PyRuntime");
        if (runtime == null) {
            return;
        }
        ByteBuffer offsets = memory.read(bias + runtime.address(), 3 * Long.BYTES);
        if (offsets.getLong(0) == DEBUG_COOKIE && offsets.getLong(16) != 0) {
            throw new RefusedException(InjectRefusal.FREE_THREADED, "a build without the GIL");
        }
    }
}
