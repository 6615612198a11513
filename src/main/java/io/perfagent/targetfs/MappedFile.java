package io.perfagent.targetfs;

import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PathFd;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The ELF file behind a mapping, as the target has it:
 *
 * <pre>
 *   /proc/&lt;pid&gt;/map_files/…   the very file, even when its name is gone; needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN
 *   below the target's root   the file that has the name now: taken if it is the one that is mapped
 *   below our root            likewise; for what was mapped before a chroot(2), in our own mount namespace, and for a process that has
 *                             ended meanwhile
 * </pre>
 *
 * A file of that name is the mapped one if it has the device and inode of the mapping. Where it has others it still may be:
 * overlayfs and btrfs give stat(2) other devices than they show in maps. Then its bytes must read the same in memory.
 */
public final class MappedFile {
    private static final int MAX_VDSO_BYTES = 1 << 20;

    private MappedFile() {}

    /** Opens it; a {@link FileMissException} says why not, another {@link IOException} that it is no ELF file or the process gone. */
    public static ElfFile open(int pid, Mapping mapping) throws IOException {
        if (mapping.isVdso()) {
            return ElfFile.of(image(pid, mapping));
        }
        if (mapping.isMade()) {
            return MadeImage.open(pid, mapping);
        }
        try (PathFd exact = PathFd.of(mapFile(pid, mapping))) {
            return ElfFile.open(RegularFile.open(exact, mapping.path()));
        } catch (LinuxException _) {
            return byName(pid, mapping);
        }
    }

    /**
     * What differs between a file and a later one of the same number, to be compared with equals: a number is used again once nobody
     * has its file any more.
     */
    public static Object version(int pid, Mapping mapping) throws IOException {
        if (mapping.isVdso() || mapping.isMade()) {
            return mapping.file();
        }
        try (PathFd found = find(pid, mapping)) {
            return Files.readAttributes(found.path(), "unix:ino,dev,size,ctime");
        }
    }

    private static PathFd find(int pid, Mapping mapping) throws IOException {
        try {
            return PathFd.of(mapFile(pid, mapping));
        } catch (LinuxException _) {
            try (TargetRoot root = TargetRoot.of(pid)) {
                return root.findMapped(mapping.path());
            } catch (IOException _) {
                return ours(mapping);
            }
        }
    }

    private static PathFd ours(Mapping mapping) throws LinuxException {
        try (PathFd root = PathFd.of("/")) {
            return root.below(mapping.path());
        }
    }

    private static String mapFile(int pid, Mapping mapping) {
        return "/proc/" + pid + "/map_files/" + Long.toHexString(mapping.start()) + "-"
                + Long.toHexString(mapping.end());
    }

    private static ElfFile byName(int pid, Mapping mapping) throws IOException {
        if (mapping.deleted()) {
            throw new FileMissException(mapping.path(), FileMiss.REMOVED);
        }
        if (!Files.exists(Path.of("/proc", Integer.toString(pid)))) {
            return ofEnded(mapping);
        }
        try {
            return belowRoot(pid, mapping);
        } catch (FileMissException e) {
            if (!sharesMounts(pid)) {
                throw e;
            }
            return belowOurs(pid, mapping);
        }
    }

    private static ElfFile belowRoot(int pid, Mapping mapping) throws IOException {
        try (TargetRoot root = TargetRoot.of(pid);
                PathFd found = root.findMapped(mapping.path())) {
            return mapped(pid, found, mapping);
        } catch (LinuxException e) {
            throw FileMissException.of(mapping.path(), e);
        }
    }

    private static ElfFile belowOurs(int pid, Mapping mapping) throws IOException {
        try (PathFd found = ours(mapping)) {
            return mapped(pid, found, mapping);
        } catch (LinuxException e) {
            throw FileMissException.of(mapping.path(), e);
        }
    }

    /** There is no memory to compare with: the number must tell, and the device, unless it is one that stat(2) shows otherwise. */
    private static ElfFile ofEnded(Mapping mapping) throws IOException {
        try (PathFd found = ours(mapping)) {
            FileId id = UnixFile.behind(found.path()).id();
            if (id.inode() != mapping.inode() || (mapping.deviceMajor() != 0 && !id.equals(mapping.file()))) {
                throw new FileMissException(mapping.path(), FileMiss.REPLACED);
            }
            return ElfFile.open(RegularFile.open(found, mapping.path()));
        } catch (LinuxException e) {
            throw FileMissException.of(mapping.path(), e);
        }
    }

    /** Whether paths of its maps are paths of ours. */
    private static boolean sharesMounts(int pid) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/mnt"))
                .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")));
    }

    private static ElfFile mapped(int pid, PathFd found, Mapping mapping) throws IOException {
        boolean same = UnixFile.behind(found.path()).id().equals(mapping.file());
        ElfFile file = ElfFile.open(RegularFile.open(found, mapping.path()));
        if (!same && !isInMemory(pid, file, mapping)) {
            file.close();
            throw new FileMissException(mapping.path(), FileMiss.REPLACED);
        }
        return file;
    }

    private static boolean isInMemory(int pid, ElfFile file, Mapping mapping) throws IOException {
        try (ProcessMemory memory = ProcessMemory.view(pid)) {
            return new MappedImage(mapping, memory).is(file);
        }
    }

    /** The bytes of a mapping that is an ELF image in memory only: the vdso. */
    public static byte[] image(int pid, Mapping mapping) throws IOException {
        long size = mapping.end() - mapping.start();
        if (size <= 0 || size > MAX_VDSO_BYTES) {
            throw new IOException(mapping.path() + " has " + size + " bytes");
        }
        try (ProcessMemory memory = ProcessMemory.view(pid)) {
            return memory.read(mapping.start(), (int) size).array();
        }
    }
}
