package io.perfagent.targetfs;

import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PathFd;
import io.perfagent.procfs.MountInfo;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.procfs.UserMap;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process's {@code /tmp} as the process sees it, a link there included, held so that its files can be reached after the process has
 * ended:
 *
 * <pre>
 *   root of the process ─→ /tmp  ─ held ─→  perf-&lt;pid in the innermost namespace&gt;.map
 * </pre>
 *
 * Others may write there, and the process may be hostile: no link in it is followed.
 */
public final class TargetTmp implements AutoCloseable {
    private static final String TMP = "/tmp";

    private final int pid;
    private final PathFd directory;
    private final int innermostPid;
    private final Set<Integer> users;
    private final Set<Integer> owners;

    private TargetTmp(int pid, PathFd directory, int innermostPid, Set<Integer> users, Set<Integer> owners) {
        this.pid = pid;
        this.directory = directory;
        this.innermostPid = innermostPid;
        this.users = users;
        this.owners = owners;
    }

    /** Throws a {@link FileMissException} where the process has no such directory. */
    public static TargetTmp open(int pid) throws IOException {
        ProcStatus status = ProcStatus.read(pid);
        Set<Integer> owners = owners(pid, status);
        PathFd directory = find(pid);
        try {
            if (!UnixFile.behind(directory.path()).isDirectory()) {
                throw new FileMissException(TMP, FileMiss.SPECIAL);
            }
            return new TargetTmp(pid, directory, status.innermostPid(pid), Set.copyOf(status.users()), owners);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static PathFd find(int pid) throws IOException {
        try (TargetRoot root = TargetRoot.of(pid)) {
            return root.find(TMP);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ELOOP || e.errno() == Errno.ENOTDIR) {
                throw new FileMissException(TMP, FileMiss.NOT_FOUND);
            }
            throw e;
        }
    }

    /** Root, the root of the process's user namespace, and the process's own users. */
    private static Set<Integer> owners(int pid, ProcStatus status) throws IOException {
        Set<Integer> owners = new HashSet<>(status.users());
        owners.add(0);
        owners.add(UserMap.root(pid));
        return owners;
    }

    /** The process's PID in its innermost namespace, by which it names its files. */
    public int innermostPid() {
        return innermostPid;
    }

    public String mapName() {
        return mapName(innermostPid);
    }

    private static String mapName(int innermostPid) {
        return "perf-" + innermostPid + ".map";
    }

    /** The directory itself. */
    public UnixFile attributes() throws IOException {
        return UnixFile.behind(directory.path());
    }

    /** A file in it, or a link; null where nothing has that name. */
    public @Nullable UnixFile attributes(String name) throws IOException {
        return UnixFile.read(directory.path().resolve(name));
    }

    /** When a file was written last, milliseconds after 1970. */
    public long modifiedMillis(String name) throws IOException {
        return Files.getLastModifiedTime(directory.path().resolve(name), LinkOption.NOFOLLOW_LINKS)
                .toMillis();
    }

    /** Whether a file is root's or the process's own; a hostile neighbour's is neither. */
    public boolean trusts(UnixFile file) {
        return owners.contains(file.uid());
    }

    /** Whether nothing can be written there: the mount is read-only. */
    public boolean isReadOnly() throws IOException {
        Path info = Path.of("/proc/self/fdinfo").resolve(directory.path().getFileName());
        for (String line : Files.readAllLines(info)) {
            if (line.startsWith("mnt_id:")) {
                MountInfo.Mount mount = MountInfo.read(pid)
                        .withId(line.substring(line.indexOf(':') + 1).strip());
                return mount != null && mount.readOnly();
            }
        }
        return false;
    }

    /** Whether it is on a file system of a size that is used up. */
    public boolean isFull() {
        return directory.path().toFile().getTotalSpace() > 0
                && directory.path().toFile().getUsableSpace() == 0;
    }

    /**
     * Opens a file for reading. It is looked at first, and that very file is opened: a pipe that took its name meanwhile would wait for
     * its writer.
     */
    public TmpFile read(String name) throws IOException {
        try (PathFd found = directory.entry(name)) {
            UnixFile attributes = UnixFile.behind(found.path());
            if (!attributes.isRegular() || !trusts(attributes)) {
                return new TmpFile.Refused();
            }
            return new TmpFile.Open(FileChannel.open(found.path(), StandardOpenOption.READ));
        } catch (LinuxException e) {
            return e.errno() == Errno.ENOENT ? new TmpFile.Missing() : new TmpFile.Refused();
        }
    }

    /** Writes a file that everyone may read, in the place of whatever has the name; the process finds it under {@code /tmp}. */
    public void write(String name, String text) throws IOException {
        remove(name);
        try (Fd file = directory.create(name, 0600)) {
            Files.writeString(file.path(), text, StandardCharsets.UTF_8, StandardOpenOption.WRITE);
            Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("r--r--r--"));
        }
    }

    public void remove(String name) throws IOException {
        Files.deleteIfExists(directory.path().resolve(name));
    }

    /**
     * Removes the map of another process of the same users, which has ended: a regular file of theirs that was made, and written last,
     * between two times, milliseconds after 1970. Returns whether there was such a one.
     */
    public boolean removeMap(int innermostPid, long fromMillis, long untilMillis) throws IOException {
        String name = mapName(innermostPid);
        try (PathFd found = directory.entry(name)) {
            UnixFile file = UnixFile.behind(found.path());
            BasicFileAttributes times = Files.readAttributes(found.path(), BasicFileAttributes.class);
            boolean theirs = file.isRegular() && users.contains(file.uid());
            boolean inTime = times.creationTime().toMillis() >= fromMillis
                    && times.lastModifiedTime().toMillis() <= untilMillis;
            if (!theirs || !inTime || !file.equals(attributes(name))) {
                return false;
            }
            remove(name);
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ELOOP) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
