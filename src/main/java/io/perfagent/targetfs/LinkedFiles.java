package io.perfagent.targetfs;

import io.perfagent.elf.DynamicNames;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcExe;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a process's executable is linked with, itself and the vdso included: what stacks run through in any case. What the process has
 * loaded later, such as extension modules and their libraries, is none of it.
 */
public final class LinkedFiles {
    private final Map<String, Mapping> libraries = new HashMap<>();
    private final Map<FileId, DynamicNames> names = new HashMap<>();

    private LinkedFiles() {}

    /**
     * Those of {@code code}, mappings of the process, that are of linked files; of all files, where the executable cannot be told: one that
     * is a library itself is a dynamic loader, which was given the program as an argument.
     */
    public static List<Mapping> of(int pid, List<Mapping> code) throws IOException {
        LinkedFiles files = new LinkedFiles();
        String path = ProcExe.path(pid);
        FileId executable = null;
        for (Mapping mapping : code) {
            if (mapping.isFile() && !files.names.containsKey(mapping.file())) {
                files.read(pid, mapping);
                executable = mapping.path().equals(path) ? mapping.file() : executable;
            }
        }
        Set<FileId> linked =
                executable != null && files.names(executable).soname().isEmpty()
                        ? files.reachedFrom(executable)
                        : files.names.keySet();
        return code.stream()
                .filter(mapping -> mapping.isVdso() || linked.contains(mapping.file()))
                .toList();
    }

    /** A file that cannot be read has no names. */
    private void read(int pid, Mapping mapping) {
        try (ElfFile file = MappedFile.open(pid, mapping)) {
            DynamicNames found = DynamicNames.of(file);
            names.put(mapping.file(), found);
            libraries.putIfAbsent(found.soname(), mapping);
        } catch (IOException _) {
            names.put(mapping.file(), DynamicNames.NONE);
        }
    }

    private DynamicNames names(FileId file) {
        return names.getOrDefault(file, DynamicNames.NONE);
    }

    private Set<FileId> reachedFrom(FileId executable) {
        Set<FileId> reached = new HashSet<>(Set.of(executable));
        Deque<FileId> next = new ArrayDeque<>(reached);
        while (!next.isEmpty()) {
            for (String name : names(next.remove()).needed()) {
                Mapping library = libraries.get(name);
                if (library != null && reached.add(library.file())) {
                    next.add(library.file());
                }
            }
        }
        return reached;
    }
}
