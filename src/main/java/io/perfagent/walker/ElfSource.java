package io.perfagent.walker;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import java.io.IOException;

/** Opens the binary behind a mapping of a process, as the process has it. */
@FunctionalInterface
public interface ElfSource {
    ElfFile open(int pid, Mapping mapping) throws IOException;

    /**
     * What differs between a file and a later one of the same number, to be compared with equals: a number is used again once nobody
     * has its file any more.
     */
    default Object version(int pid, Mapping mapping) throws IOException {
        return mapping.file();
    }
}
