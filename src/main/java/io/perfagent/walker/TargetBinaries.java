package io.perfagent.walker;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.targetfs.MappedFile;
import java.io.IOException;

/** The binaries that targets have mapped. */
public final class TargetBinaries implements ElfSource {
    @Override
    public ElfFile open(int pid, Mapping mapping) throws IOException {
        return MappedFile.open(pid, mapping);
    }

    @Override
    public Object version(int pid, Mapping mapping) throws IOException {
        return MappedFile.version(pid, mapping);
    }
}
