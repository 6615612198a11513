package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.targetfs.FileMissException;
import io.perfagent.targetfs.MappedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens the file behind a mapping, which {@link MappedFile} makes sure of: addresses taken from another build of a library, an upgrade
 * for example, would send a thread anywhere.
 */
final class MappedElf {
    private MappedElf() {}

    static ElfFile open(int pid, Mapping mapping) throws IOException, RefusedException {
        try {
            return MappedFile.open(pid, mapping);
        } catch (FileMissException e) {
            Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")); // throws when it is the process that has gone
            throw new RefusedException(InjectRefusal.LIBRARY_NOT_FOUND, "library not found on disk: " + e.getMessage());
        }
    }
}
