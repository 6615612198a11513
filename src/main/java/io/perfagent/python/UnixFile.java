package io.perfagent.python;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What lstat(2) says of a file (inode(7), "The file type and mode").
 *
 * @param mode type and permissions
 * @param uid of the owner
 * @param gid of the group
 */
record UnixFile(int mode, int uid, int gid) {
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int STICKY_AND_OPEN_TO_ALL = 01002;

    /** Null where nothing has that name. */
    static @Nullable UnixFile read(Path path) throws IOException {
        try {
            Map<String, Object> found = Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
            return new UnixFile(number(found, "mode"), number(found, "uid"), number(found, "gid"));
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean isLink() {
        return (mode & TYPE) == LINK;
    }

    /** As /tmp is: everybody makes files there, nobody removes another's. */
    boolean isShared() {
        return (mode & STICKY_AND_OPEN_TO_ALL) == STICKY_AND_OPEN_TO_ALL;
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) Objects.requireNonNull(attributes.get(name));
    }
}
