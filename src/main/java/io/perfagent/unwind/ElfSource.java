package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import java.io.IOException;

/** Opens the binary behind a mapping of a process, as the process has it. */
@FunctionalInterface
public interface ElfSource {
    ElfFile open(int pid, Mapping mapping) throws IOException;
}
