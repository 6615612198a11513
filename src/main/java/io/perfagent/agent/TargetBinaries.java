package io.perfagent.agent;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.FileByPath;
import io.perfagent.procfs.MappedFile;
import io.perfagent.unwind.ElfSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The binaries that targets have mapped. */
final class TargetBinaries implements ElfSource {
    @Override
    public ElfFile open(int pid, Mapping mapping) throws IOException {
        return mapping.isVdso() ? ElfFile.of(MappedFile.image(pid, mapping)) : ElfFile.open(path(pid, mapping));
    }

    @Override
    public Object version(int pid, Mapping mapping) throws IOException {
        return mapping.isVdso() ? mapping.file() : Files.readAttributes(path(pid, mapping), "unix:ino,dev,size,ctime");
    }

    /** Of a process that has ended meanwhile, the file may still be where it was. */
    private static Path path(int pid, Mapping mapping) throws IOException {
        Path path = MappedFile.path(pid, mapping);
        return Files.isReadable(path) ? path : FileByPath.of(mapping);
    }
}
