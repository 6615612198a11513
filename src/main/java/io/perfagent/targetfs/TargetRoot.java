package io.perfagent.targetfs;

import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PathFd;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The root directory of a process, in its mount namespace: what is looked up below it is found as the process finds it, whatever links
 * its files are, and never leads to ours.
 *
 * <pre>
 *   /proc/&lt;pid&gt;/root ── O_PATH ─→ openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
 * </pre>
 */
public final class TargetRoot implements AutoCloseable {
    private final PathFd directory;
    private final String prefix;

    private TargetRoot(PathFd directory, String prefix) {
        this.directory = directory;
        this.prefix = prefix;
    }

    /** Needs the right to trace the process; fails when it has ended. */
    public static TargetRoot of(int pid) throws IOException {
        String link = "/proc/" + pid + "/root";
        PathFd directory = PathFd.of(link);
        try {
            String path = Files.readSymbolicLink(Path.of(link)).toString();
            return new TargetRoot(directory, path.equals("/") ? "" : path);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** A path as the process itself would give it. */
    public PathFd find(String path) throws LinuxException {
        return directory.below(path);
    }

    /**
     * A path as {@code /proc/<pid>/maps} shows it: from the root of the mount namespace, or from ours where that is the same, while the
     * process may have a root further down (chroot(2)).
     */
    public PathFd findMapped(String path) throws LinuxException {
        return find(path.startsWith(prefix + "/") ? path.substring(prefix.length()) : path);
    }

    /** Opens a regular file by the path that the process would give; a {@link FileMissException} says why not. */
    public FileChannel read(String path) throws IOException {
        try (PathFd found = find(path)) {
            return RegularFile.open(found, path);
        } catch (LinuxException e) {
            throw FileMissException.of(path, e);
        }
    }

    /** Whether this is our own root too. */
    public boolean isOurs() throws IOException {
        return UnixFile.behind(directory.path())
                .id()
                .equals(UnixFile.behind(Path.of("/")).id());
    }

    @Override
    public void close() {
        directory.close();
    }
}
