package io.perfagent.targetfs;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import java.io.IOException;

/** A file of a target that cannot be had. The message holds the path, as the target or its mappings name it, and the reason. */
public final class FileMissException extends IOException {
    private static final long serialVersionUID = 1;

    private final FileMiss miss;

    FileMissException(String path, FileMiss miss) {
        super(path + ": " + miss.description());
        this.miss = miss;
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
