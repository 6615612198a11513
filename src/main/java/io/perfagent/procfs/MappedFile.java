package io.perfagent.procfs;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The file behind a mapping, as the target has it: {@code /proc/<pid>/map_files} is that very file, even when its name is
 * gone or another file has it now; where the kernel denies that (it needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN), the path
 * below the target's own root.
 */
public final class MappedFile {
    private static final long MAX_VDSO_BYTES = 1 << 20;

    private MappedFile() {}

    public static Path path(int pid, Mapping mapping) {
        Path proc = Path.of("/proc", Integer.toString(pid));
        Path exact = proc.resolve("map_files")
                .resolve(Long.toHexString(mapping.start()) + "-" + Long.toHexString(mapping.end()));
        return Files.isReadable(exact) ? exact : belowRoot(pid, mapping.path());
    }

    /** {@code path} of the target's mount namespace, as reached from ours; the root itself for one that our locale cannot write. */
    public static Path belowRoot(int pid, String path) {
        String root = "/proc/" + pid + "/root";
        try {
            return Path.of(root + path);
        } catch (InvalidPathException _) {
            return Path.of(root);
        }
    }

    /** The bytes of a mapping that is an ELF image in memory only: the vdso. */
    public static byte[] image(int pid, Mapping mapping) throws IOException {
        long size = mapping.end() - mapping.start();
        if (size <= 0 || size > MAX_VDSO_BYTES) {
            throw new IOException(mapping.path() + " has " + size + " bytes");
        }
        byte[] image = new byte[(int) size];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            memory.seek(mapping.start());
            memory.readFully(image);
        }
        return image;
    }
}
