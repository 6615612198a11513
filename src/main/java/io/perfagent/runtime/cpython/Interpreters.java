package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.process.TargetCode;
import io.perfagent.walker.ElfSource;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Files that hold CPython, each looked at once, and what they are in the processes that map them. For one thread. */
final class Interpreters {
    private static final int MOST_FILES = 10_000;
    private static final int MAJOR = 3;
    private static final int SELF_DESCRIBING = 13;

    private final ElfSource binaries;
    private final Map<FileId, Looked> files = new HashMap<>();

    /**
     * A file.
     *
     * @param version tells it from a later one of the same number
     * @param address of its first byte that is mapped as code, ELF address
     * @param interpreter null where it holds none
     */
    private record Looked(
            Object version,
            Mapping mapping,
            long address,
            @Nullable InterpreterFile interpreter) {}

    Interpreters(ElfSource binaries) {
        this.binaries = binaries;
    }

    /** The CPython of a file that a process has mapped; null where it holds none. */
    @Nullable
    PythonResult of(int pid, Mapping file) {
        try {
            return find(pid, file);
        } catch (IOException _) {
            return null;
        }
    }

    /** The same, where a file that cannot be read is none without CPython. */
    @Nullable
    PythonResult find(int pid, Mapping file) throws IOException {
        Looked looked = look(pid, file);
        InterpreterFile interpreter = looked.interpreter();
        return interpreter == null ? null : read(pid, interpreter, file.start() - looked.address());
    }

    private Looked look(int pid, Mapping file) throws IOException {
        Object version = binaries.version(pid, file);
        Looked known = files.get(file.file());
        if (known != null && known.version.equals(version) && known.mapping.fileOffset() == file.fileOffset()) {
            return known;
        }
        try (ElfFile elf = binaries.open(pid, file)) {
            Looked looked = new Looked(version, file, elf.addressOfOffset(file.fileOffset()), InterpreterFile.of(elf));
            if (files.size() >= MOST_FILES) {
                files.clear();
            }
            files.put(file.file(), looked);
            return looked;
        }
    }

    private static PythonResult read(int pid, InterpreterFile file, long bias) {
        try (TargetCode memory = new TargetCode(pid)) {
            int minor = minor(file, bias, new PythonMemory(memory));
            long runtime = file.runtime() == 0 ? head(file, bias, memory) : bias + file.runtime();
            return switch (PythonLayout.of(minor, runtime, memory)) {
                case LayoutRefusal refusal -> refusal;
                case PythonLayout layout ->
                    python(file, bias, layout, runtime, gil(file, bias, minor, runtime, memory));
            };
        } catch (MissedException _) {
            return LayoutRefusal.UNREADABLE;
        }
    }

    private static PythonResult python(InterpreterFile file, long bias, PythonLayout layout, long runtime, Gil gil) {
        long counter = file.counter() == 0 ? 0 : bias + file.counter();
        CPythonEntry entry = KernelLayout.of(layout, runtime, gil, counter);
        List<CodeRange> evaluation =
                file.evaluation().stream().map(range -> range.plus(bias)).toList();
        Map<BuiltinType, Long> types = new EnumMap<>(BuiltinType.class);
        file.types().forEach((type, address) -> types.put(type, bias + address));
        return entry == null ? LayoutRefusal.CONTRADICTORY : new Python(layout, entry, types, evaluation, gil);
    }

    private static Gil gil(InterpreterFile file, long bias, int minor, long runtime, TargetCode memory)
            throws MissedException {
        if (minor >= SELF_DESCRIBING) {
            return DebugOffsets.gil(minor, runtime, memory);
        }
        if (minor == 12) {
            return FixedLayouts.GIL_3_12;
        }
        OptionalLong variable =
                file.current() == 0 ? OptionalLong.empty() : GilVariable.find(bias + file.current(), memory);
        if (variable.isEmpty()) {
            return Gil.Unknown.UNKNOWN;
        }
        return minor == 6
                ? new Gil.OfProcess(variable.getAsLong(), file.lock().of(variable.getAsLong(), bias))
                : Gil.OfProcess.at(variable.getAsLong(), new PythonMemory(memory));
    }

    /** Of 3.6, which has its list of interpreters elsewhere. */
    private static long head(InterpreterFile file, long bias, TargetCode memory) throws MissedException {
        OptionalLong head = file.head() == 0 ? OptionalLong.empty() : InterpreterHead.find(bias + file.head(), memory);
        return head.orElseThrow(() -> new MissedException(CodeMiss.UNREADABLE));
    }

    /** From 3.11 on it stands in memory: 0x030d00f0 is 3.13.0. */
    private static int minor(InterpreterFile file, long bias, PythonMemory memory) throws MissedException {
        if (file.version() == 0) {
            return file.minor();
        }
        int version = (int) memory.word(bias + file.version());
        return version >>> 24 == MAJOR ? version >>> 16 & 0xff : 0;
    }
}
