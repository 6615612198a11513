package io.perfagent.python;

import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.MountInfo;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process can write its perf map. CPython opens {@code /tmp/perf-<pid>.map} with O_APPEND, O_CREAT and O_NOFOLLOW, and where
 * that fails it goes on without a word and without names.
 */
final class MapPlace {
    private static final String TMP = "/tmp";
    private static final Path PROTECTED_REGULAR = Path.of("/proc/sys/fs/protected_regular");

    private final int pid;
    private final FileAccess access;

    private MapPlace(int pid, FileAccess access) {
        this.pid = pid;
        this.access = access;
    }

    /** Why the map cannot be written, in one line; null where nothing speaks against it. */
    static @Nullable String obstacle(int pid) throws IOException {
        return new MapPlace(pid, FileAccess.of(ProcStatus.read(pid))).obstacle();
    }

    private @Nullable String obstacle() throws IOException {
        Path directory = MappedFile.belowRoot(pid, TMP);
        UnixFile tmp = UnixFile.read(directory);
        if (tmp == null) {
            return "the target has no /tmp";
        }
        if (tmp.isLink()) {
            return null; // leads to where only the target can tell
        }
        if (!tmp.isDirectory()) {
            return "the target's /tmp is no directory";
        }
        MountInfo.Mount mount = MountInfo.read(pid).of(TMP);
        if (mount != null && mount.readOnly()) {
            return "the target's /tmp is mounted read-only";
        }
        if (directory.toFile().getTotalSpace() > 0 && directory.toFile().getUsableSpace() == 0) {
            return "the target's /tmp is full";
        }
        Path path = PerfMapFile.of(pid).path();
        UnixFile map = UnixFile.read(path);
        if (map == null) {
            return access.mayWrite(tmp) ? null : "the target may not write to its /tmp";
        }
        String reason = existing(map, tmp);
        return reason == null ? null : "the target's " + TMP + "/" + path.getFileName() + " " + reason;
    }

    private @Nullable String existing(UnixFile map, UnixFile tmp) throws IOException {
        if (map.isLink()) {
            return "is a link, which the interpreter does not follow";
        }
        if (!map.isRegular()) {
            return "is no regular file";
        }
        return access.mayWrite(map) && !isProtected(map, tmp) ? null : "belongs to another user";
    }

    /** fs.protected_regular (proc(5)): in /tmp not even root opens another's file with O_CREAT. */
    private boolean isProtected(UnixFile map, UnixFile tmp) throws IOException {
        return tmp.isShared()
                && map.uid() != access.uid()
                && map.uid() != tmp.uid()
                && Files.isReadable(PROTECTED_REGULAR)
                && !Files.readString(PROTECTED_REGULAR).strip().equals("0");
    }
}
