package io.perfagent.targetfs;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;

/** A file of a target that cannot be had. The message holds the path, as the target or its mappings name it, and the reason. */
public final class FileMissException extends IOException {
    private static final long serialVersionUID = 1;

    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_CHECKPOINT_RESTORE = 40;

    private final FileMiss miss;

    FileMissException(String path, FileMiss miss) {
        super(path + ": " + miss.description() + remedy(miss));
        this.miss = miss;
    }

    private static String remedy(FileMiss miss) {
        return switch (miss) {
            case REMOVED, REPLACED -> mayReadMapFiles() ? "" : "; with CAP_CHECKPOINT_RESTORE it could still be read";
            case NOT_FOUND, SPECIAL, DENIED -> "";
        };
    }

    /** What {@code /proc/<pid>/map_files} takes: with it, the file could not be had although. */
    private static boolean mayReadMapFiles() {
        try {
            long effective = ProcStatus.readSelf().effectiveCapabilities();
            return ((effective >>> CAP_CHECKPOINT_RESTORE | effective >>> CAP_SYS_ADMIN) & 1) != 0;
        } catch (IOException _) {
            return true; // not known: nothing is promised
        }
    }

    /** What a path that could not be resolved means. */
    static FileMissException of(String path, LinuxException e) {
        boolean denied = e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
        return new FileMissException(path, denied ? FileMiss.DENIED : FileMiss.NOT_FOUND);
    }

    public FileMiss miss() {
        return miss;
    }
}
