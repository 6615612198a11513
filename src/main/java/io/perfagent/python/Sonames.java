package io.perfagent.python;

import io.perfagent.elf.DynamicNames;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.targetfs.MappedFile;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What mapped libraries call themselves. Each file is read once, however many processes map it. Safe for use by several threads. */
final class Sonames {
    private final Map<FileId, String> known = new ConcurrentHashMap<>();

    /** {@code ""} for a file that cannot be read, is no library or has no name. */
    String of(int pid, Mapping mapping) {
        return known.computeIfAbsent(mapping.file(), _ -> read(pid, mapping));
    }

    private static String read(int pid, Mapping mapping) {
        try (ElfFile file = MappedFile.open(pid, mapping)) {
            return DynamicNames.of(file).soname();
        } catch (IOException _) {
            return "";
        }
    }
}
