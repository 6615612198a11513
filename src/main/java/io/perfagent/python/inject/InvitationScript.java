package io.perfagent.python.inject;

import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A script in the target's {@code /tmp} that starts a thread which sleeps for a second, and so can be borrowed. Whenever it runs, and
 * however often, that is all that comes of it. Everyone can read it; nobody but its owner can put another in its place, since it is
 * only written where the directory sees to that.
 */
final class InvitationScript {
    private static final String SOURCE = """
            try:
             __import__('_thread').start_new_thread(__import__('time').sleep, (1.0,))
            except BaseException: pass
            """;

    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0022;

    private final Path path;
    private final String pathInTarget;

    private InvitationScript(Path path, String pathInTarget) {
        this.path = path;
        this.pathInTarget = pathInTarget;
    }

    /** Writes it, in the place of one that an earlier run left; null where the directory is not fit for it. */
    static @Nullable InvitationScript write(int pid) throws IOException {
        String inTarget = "/tmp/perf-agent-" + ProcStatus.read(pid).innermostPid(pid) + ".py";
        Path path = MappedFile.belowRoot(pid, inTarget);
        if (!isFit(path.getParent())) {
            return null;
        }
        Files.deleteIfExists(path);
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rw-------");
        Files.createFile(path, PosixFilePermissions.asFileAttribute(ours));
        Files.writeString(path, SOURCE, StandardCharsets.US_ASCII, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
        return new InvitationScript(path, inTarget);
    }

    String pathInTarget() {
        return pathInTarget;
    }

    void remove() throws IOException {
        Files.deleteIfExists(path);
    }

    /** A directory, and no link to one, in which only the owner of a file can replace it. */
    private static boolean isFit(@Nullable Path directory) throws IOException {
        if (directory == null || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Map<String, Object> attributes = Files.readAttributes(directory, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) attributes.getOrDefault("mode", WRITABLE_BY_OTHERS);
        return (mode & WRITABLE_BY_OTHERS) == 0 || (mode & STICKY) != 0;
    }
}
