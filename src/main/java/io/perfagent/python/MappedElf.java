package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.MappedFile;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Opens the file behind a mapping and makes sure that it is that file: addresses taken from another build of a library, an upgrade
 * for example, would send a thread anywhere.
 *
 * <pre>
 *   /proc/&lt;pid&gt;/map_files/…   the very file, where we may open it
 *   /proc/&lt;pid&gt;/root/…        the file that has the name now: its notes, with the build id, must read the same in memory
 * </pre>
 */
final class MappedElf {
    private static final long MAX_NOTES = 1 << 16;

    private final int pid;
    private final Mapping mapping;
    private final ProcessMemory memory;

    private MappedElf(int pid, Mapping mapping, ProcessMemory memory) {
        this.pid = pid;
        this.mapping = mapping;
        this.memory = memory;
    }

    static ElfFile open(int pid, Mapping mapping, ProcessMemory memory) throws IOException, RefusedException {
        Path path = MappedFile.path(pid, mapping);
        boolean exact = !path.equals(MappedFile.belowRoot(pid, mapping.path()));
        if (!exact && mapping.deleted()) {
            throw notFound(mapping, "it was removed or replaced; with CAP_CHECKPOINT_RESTORE it could still be read");
        }
        ElfFile file = open(path, mapping);
        if (!exact && !new MappedElf(pid, mapping, memory).isMapped(file, path)) {
            file.close();
            throw notFound(mapping, "another file has its name now");
        }
        return file;
    }

    private static ElfFile open(Path path, Mapping mapping) throws IOException, RefusedException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw notFound(mapping, "a special file has its name now"); // opening a pipe would wait for its writer
        }
        try {
            return ElfFile.open(path);
        } catch (NoSuchFileException _) {
            throw notFound(mapping, "nothing has that name below the root of the process");
        } catch (AccessDeniedException _) {
            throw notFound(mapping, "it may not be read");
        }
    }

    private static RefusedException notFound(Mapping mapping, String why) {
        return new RefusedException(
                InjectRefusal.LIBRARY_NOT_FOUND, "library not found on disk: " + mapping.path() + ": " + why);
    }

    private boolean isMapped(ElfFile file, Path path) throws IOException {
        return file.buildId() == null ? id(path).equals(mapping.file()) : notesAreMapped(file);
    }

    private boolean notesAreMapped(ElfFile file) throws IOException {
        long bias = mapping.start() - file.addressOfOffset(mapping.fileOffset());
        for (Segment notes : file.segments()) {
            if (notes.type() == Segment.PT_NOTE && !reads(bias + notes.address(), notes, file)) {
                return false;
            }
        }
        return true;
    }

    private boolean reads(long address, Segment notes, ElfFile file) throws IOException {
        try {
            return notes.fileSize() <= MAX_NOTES
                    && memory.read(address, (int) notes.fileSize()).equals(file.read(notes));
        } catch (IOException _) {
            Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")); // throws when it is the process that has gone
            return false;
        }
    }

    /** makedev(3): twelve bits of the major number above eight of the minor, the rest of both further up. */
    private static FileId id(Path path) throws IOException {
        long device = (Long) Files.getAttribute(path, "unix:dev");
        int major = (int) ((device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L));
        int minor = (int) ((device & 0xff) | (device >>> 12 & 0xffff_ff00L));
        return new FileId(major, minor, (Long) Files.getAttribute(path, "unix:ino"));
    }
}
