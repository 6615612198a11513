package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcExe;
import io.perfagent.targetfs.MappedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Executables that Nuitka made: the program's own functions are C functions in there, mostly without symbols. It puts its module loader
 * into each, whose type has a name that nothing else would have. Each file is read once. Safe for use by several threads.
 */
final class CompiledPrograms {
    private static final byte[] LOADER = "nuitka_module_loader\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST = 4096;

    private final Map<FileId, Boolean> known = new ConcurrentHashMap<>();

    /** Whether a process runs one. What cannot be read is none. */
    boolean runs(int pid, List<Mapping> mappings) throws IOException {
        String executable = ProcExe.path(pid);
        if (executable.substring(executable.lastIndexOf('/') + 1).startsWith("python")) {
            return false;
        }
        for (Mapping mapping : mappings) {
            if (mapping.executable() && mapping.isFile() && mapping.path().equals(executable)) {
                return isKnown(pid, mapping);
            }
        }
        return false;
    }

    private boolean isKnown(int pid, Mapping mapping) {
        if (known.size() >= MOST) {
            known.clear();
        }
        return known.computeIfAbsent(mapping.file(), _ -> read(pid, mapping));
    }

    private static boolean read(int pid, Mapping mapping) {
        try (ElfFile file = MappedFile.open(pid, mapping)) {
            Section constants = file.section(".rodata");
            return constants != null && holds(file.read(constants), LOADER);
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean holds(ByteBuffer bytes, byte[] wanted) {
        for (int at = 0; at <= bytes.limit() - wanted.length; at++) {
            int matched = 0;
            while (matched < wanted.length && bytes.get(at + matched) == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return true;
            }
        }
        return false;
    }
}
