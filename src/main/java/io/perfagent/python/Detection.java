package io.perfagent.python;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.InterpreterFiles.Contents;
import io.perfagent.python.inject.AddressRange;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a process from outside for a CPython that can be called into: the name of a mapped libpython, else the symbols of the
 * executable; then the exact version, which stands in the file and in memory as {@code Py_Version}.
 */
final class Detection {
    private static final int FIRST_MINOR = 12;
    private static final long DEBUG_COOKIE = 0x7970_6775_6265_6478L; // "xdebugpy"

    private final int pid;
    private final Architecture architecture;
    private final InterpreterFiles files;
    private @Nullable PythonBuild build;

    Detection(int pid, Architecture architecture, InterpreterFiles files) {
        this.pid = pid;
        this.architecture = architecture;
        this.files = files;
    }

    static Interpreter find(int pid, Architecture architecture) throws IOException, RefusedException {
        return new Detection(pid, architecture, new InterpreterFiles()).find();
    }

    Interpreter find() throws IOException, RefusedException {
        ProcStat stat = ProcStat.read(pid);
        checkProcess(stat);
        List<Mapping> mappings = ProcMaps.read(pid);
        PythonFile file = PythonFile.of(pid, mappings, files.sonames());
        if (file == null) {
            throw new RefusedException(InjectRefusal.NOT_PYTHON, "no libpython is mapped");
        }
        if (file.library()) {
            found(file, nameVersion(file));
        }
        return examine(file, stat.startTime());
    }

    /** What was found so far, also where {@link #find} ended in a refusal; null where it is no Python. */
    @Nullable
    PythonBuild build() {
        return build;
    }

    private static void checkProcess(ProcStat stat) throws RefusedException {
        if (stat.kernelThread()) {
            throw new RefusedException(InjectRefusal.NOT_PYTHON, "a kernel thread");
        }
        if (stat.state() == 'Z' || stat.state() == 'X') {
            throw new RefusedException(
                    InjectRefusal.PROCESS_GONE, "it has ended and only waits for its parent to collect it");
        }
    }

    private Interpreter examine(PythonFile file, long startTime) throws IOException, RefusedException {
        try (ProcessMemory memory = ProcessMemory.view(pid);
                ElfFile elf = MappedElf.open(pid, file.mapping())) {
            refuseAnotherProgram(file);
            Contents contents = files.of(elf, file, architecture);
            InterpreterSymbols symbols = contents.symbols();
            checkSymbols(file, elf, contents);
            long bias =
                    file.mapping().start() - elf.addressOfOffset(file.mapping().fileOffset());
            Interpreter interpreter = new Interpreter(
                    pid,
                    startTime,
                    file.mapping(),
                    version(symbols, bias, memory),
                    symbols.calls(bias),
                    symbols.threadLists(bias),
                    contents.loop().stream().map(part -> part.plus(bias)).toList(),
                    runtime(symbols, bias),
                    symbols.find("_PyOptimizer_Optimize") != null);
            found(file, interpreter.versionText());
            checkVersion(interpreter, symbols);
            checkFreeThreaded(file, interpreter, memory);
            checkTrampoline(interpreter, symbols);
            return interpreter;
        } catch (ElfException e) {
            throw unreadable(file, e);
        }
    }

    /** The memory that is open now belongs to one program for good; it may be the one after that whose mappings were read. */
    private void refuseAnotherProgram(PythonFile file) throws IOException, RefusedException {
        if (!ProcMaps.read(pid).contains(file.mapping())) {
            throw new RefusedException(InjectRefusal.PROCESS_GONE, "the process runs another program by now");
        }
    }

    private static String nameVersion(PythonFile file) {
        return file.minor() > 0 ? "3." + file.minor() : "";
    }

    private void found(PythonFile file, String version) {
        build = new PythonBuild(file.kind(), file.mapping().path(), version);
    }

    /** A file of another word size is what a 32-bit process has; of other files that are no ELF file nothing is known. */
    private static RefusedException unreadable(PythonFile file, ElfException e) {
        InjectRefusal reason = file.namedPython() ? InjectRefusal.UNSUPPORTED : InjectRefusal.NOT_PYTHON;
        return new RefusedException(reason, file.mapping().path() + ": " + e.getMessage());
    }

    private void checkSymbols(PythonFile file, ElfFile elf, Contents contents) throws RefusedException {
        String path = file.mapping().path();
        InterpreterSymbols symbols = contents.symbols();
        if (!symbols.isPython() && !contents.marked() && !file.namedPython()) {
            throw new RefusedException(InjectRefusal.NOT_PYTHON, path + " holds no interpreter");
        }
        found(file, nameVersion(file));
        if (elf.machine() != architecture.machine()) {
            throw new RefusedException(InjectRefusal.UNSUPPORTED, path + " is of machine " + elf.machine());
        }
        if (!symbols.isPython()) {
            throw new RefusedException(
                    InjectRefusal.NO_LIBPYTHON_SYMBOLS, path + " holds CPython, and exports nothing of it");
        }
        if (symbols.find("Py_Version") == null) {
            String known = nameVersion(file);
            throw tooOld(known.isEmpty() ? path + " holds a CPython before 3.11" : "CPython " + known);
        }
    }

    private static int version(InterpreterSymbols symbols, long bias, ProcessMemory memory) throws IOException {
        Symbol constant = symbols.find("Py_Version");
        return constant == null ? 0 : (int) memory.word(bias + constant.address());
    }

    private static void checkVersion(Interpreter interpreter, InterpreterSymbols symbols) throws RefusedException {
        String version = "CPython " + interpreter.versionText();
        if (interpreter.version() >>> 24 != 3 || interpreter.minor() < FIRST_MINOR) {
            throw tooOld(version);
        }
        List<String> missing = symbols.missing();
        if (!missing.isEmpty()) {
            throw new RefusedException(
                    InjectRefusal.NO_LIBPYTHON_SYMBOLS, version + " does not export " + String.join(", ", missing));
        }
    }

    private static RefusedException tooOld(String found) {
        return new RefusedException(
                InjectRefusal.PYTHON_TOO_OLD, found + "; trampolines need 3." + FIRST_MINOR + " or later");
    }

    private static void checkTrampoline(Interpreter interpreter, InterpreterSymbols symbols) throws RefusedException {
        if (symbols.lacksTrampoline()) {
            throw new RefusedException(
                    InjectRefusal.NO_PERF_TRAMPOLINE, "CPython " + interpreter.versionText() + " was built without");
        }
    }

    private static AddressRange runtime(InterpreterSymbols symbols, long bias) {
        Symbol runtime = symbols.find("_PyRuntime");
        return runtime == null
                ? new AddressRange(0, 0)
                : new AddressRange(runtime.address(), runtime.address() + runtime.size()).plus(bias);
    }

    /** By name, or by what _PyRuntime begins with from 3.13 on: cookie "xdebugpy" │ version u64 │ free-threaded u64. */
    private static void checkFreeThreaded(PythonFile file, Interpreter interpreter, ProcessMemory memory)
            throws IOException, RefusedException {
        if (file.freeThreaded() || showsNoGil(interpreter.runtime().start(), memory)) {
            throw new RefusedException(
                    InjectRefusal.FREE_THREADED, file.mapping().path() + " is a build without the GIL");
        }
    }

    private static boolean showsNoGil(long runtime, ProcessMemory memory) throws IOException {
        if (runtime == 0) {
            return false;
        }
        ByteBuffer offsets = memory.read(runtime, 3 * Long.BYTES);
        return offsets.getLong(0) == DEBUG_COOKIE && offsets.getLong(16) != 0;
    }
}
