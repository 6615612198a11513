package io.perfagent.targetfs;

import io.perfagent.elf.ElfException;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.LoadedObject;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import java.io.IOException;

/** The ELF image in a process's memory that describes code which the process has made. It is there as long as the process keeps it. */
final class MadeImage {
    private MadeImage() {}

    /** Opens it, unless there is another in its place by now. */
    static ElfFile open(int pid, Mapping mapping) throws IOException {
        try (ProcessMemory memory = ProcessMemory.view(pid)) {
            CodeMemory code = reader(memory);
            LoadedObject object = LoadedObject.read(code, mapping.inode(), LoadedObject.MOST_BYTES);
            if (object.checksum() != mapping.deviceMinor()) {
                throw new ElfException("another image at 0x" + Long.toHexString(mapping.inode()));
            }
            return ElfFile.of(object.image(code));
        }
    }

    private static CodeMemory reader(ProcessMemory memory) {
        return (address, to, at, length) -> {
            try {
                memory.read(address, length).get(to, at, length);
                return true;
            } catch (IOException _) {
                return false;
            }
        };
    }
}
