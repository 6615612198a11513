package io.perfagent.agent;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.targetfs.MappedFile;
import io.perfagent.unwind.ElfSource;
import java.io.IOException;
import java.nio.file.Files;

/** The binaries that targets have mapped. */
final class TargetBinaries implements ElfSource {
    @Override
    public ElfFile open(int pid, Mapping mapping) throws IOException {
        return MappedFile.open(pid, mapping);
    }

    /** Where it cannot be looked at, it is taken for another each time. */
    @Override
    public Object version(int pid, Mapping mapping) {
        if (mapping.isVdso()) {
            return mapping.file();
        }
        try {
            return Files.readAttributes(MappedFile.path(pid, mapping), "unix:ino,dev,size,ctime");
        } catch (IOException _) {
            return new Object();
        }
    }
}
