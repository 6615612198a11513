package io.perfagent.python;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.targetfs.FileMiss;
import io.perfagent.targetfs.FileMissException;
import io.perfagent.targetfs.TargetTmp;
import io.perfagent.targetfs.UnixFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process can write its perf map. CPython opens {@code /tmp/perf-<pid>.map} with O_APPEND, O_CREAT and O_NOFOLLOW, and where
 * that fails it goes on without a word and without names.
 */
final class MapPlace {
    private static final Path PROTECTED_REGULAR = Path.of("/proc/sys/fs/protected_regular");

    private final TargetTmp tmp;
    private final FileAccess access;

    private MapPlace(TargetTmp tmp, FileAccess access) {
        this.tmp = tmp;
        this.access = access;
    }

    /** Why the map cannot be written, in one line; null where nothing speaks against it. */
    static @Nullable String obstacle(int pid) throws IOException {
        FileAccess access = FileAccess.of(ProcStatus.read(pid));
        try (TargetTmp tmp = TargetTmp.open(pid)) {
            return new MapPlace(tmp, access).obstacle();
        } catch (FileMissException e) {
            return e.miss() == FileMiss.NOT_FOUND ? "the target has no /tmp" : "the target's /tmp is no directory";
        }
    }

    private @Nullable String obstacle() throws IOException {
        if (tmp.isReadOnly()) {
            return "the target's /tmp is mounted read-only";
        }
        if (tmp.isFull()) {
            return "the target's /tmp is full";
        }
        UnixFile directory = tmp.attributes();
        UnixFile map = tmp.attributes(tmp.mapName());
        if (map == null) {
            return access.mayWrite(directory) ? null : "the target may not write to its /tmp";
        }
        String reason = existing(map, directory);
        return reason == null ? null : "the target's /tmp/" + tmp.mapName() + " " + reason;
    }

    private @Nullable String existing(UnixFile map, UnixFile directory) throws IOException {
        if (map.isLink()) {
            return "is a link, which the interpreter does not follow";
        }
        if (!map.isRegular()) {
            return "is no regular file";
        }
        return access.mayWrite(map) && !isProtected(map, directory) ? null : "belongs to another user";
    }

    /** fs.protected_regular (proc(5)): in /tmp not even root opens another's file with O_CREAT. */
    private boolean isProtected(UnixFile map, UnixFile directory) throws IOException {
        return directory.isShared()
                && map.uid() != access.uid()
                && map.uid() != directory.uid()
                && Files.isReadable(PROTECTED_REGULAR)
                && !Files.readString(PROTECTED_REGULAR).strip().equals("0");
    }
}
