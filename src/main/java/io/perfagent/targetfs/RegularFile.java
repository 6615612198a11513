package io.perfagent.targetfs;

import io.perfagent.linux.PathFd;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.StandardOpenOption;

/** Opens what was found if it is a regular file; another that takes its name meanwhile is none of ours. */
final class RegularFile {
    private RegularFile() {}

    /** For reading. The path is for the message. */
    static FileChannel open(PathFd found, String path) throws IOException {
        if (!UnixFile.behind(found.path()).isRegular()) {
            throw new FileMissException(path, FileMiss.SPECIAL);
        }
        try {
            return FileChannel.open(found.path(), StandardOpenOption.READ);
        } catch (AccessDeniedException _) {
            throw new FileMissException(path, FileMiss.DENIED);
        }
    }
}
