package io.perfagent.targetfs;

import io.perfagent.model.FileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stat(2) says of a file (inode(7), "The file type and mode").
 *
 * @param mode type and permissions
 * @param uid of the owner
 * @param gid of the group
 * @param id device and inode
 */
public record UnixFile(int mode, int uid, int gid, FileId id) {
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int STICKY_AND_OPEN_TO_ALL = 01002;

    /** Of a link the link itself; null where nothing has that name. */
    public static @Nullable UnixFile read(Path path) throws IOException {
        try {
            return of(path, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    /** Of a link what it leads to, such as the open file behind {@code /proc/self/fd/N}. */
    public static UnixFile behind(Path path) throws IOException {
        return of(path);
    }

    private static UnixFile of(Path path, LinkOption... options) throws IOException {
        Map<String, Object> found = Files.readAttributes(path, "unix:mode,uid,gid,dev,ino", options);
        long inode = (Long) Objects.requireNonNull(found.get("ino"));
        FileId id = id((Long) Objects.requireNonNull(found.get("dev")), inode);
        return new UnixFile(number(found, "mode"), number(found, "uid"), number(found, "gid"), id);
    }

    public boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    public boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    public boolean isLink() {
        return (mode & TYPE) == LINK;
    }

    /** Of a directory as /tmp is: everybody makes files there, nobody removes another's. */
    public boolean isShared() {
        return (mode & STICKY_AND_OPEN_TO_ALL) == STICKY_AND_OPEN_TO_ALL;
    }

    /** Of a directory: whether a file in it is safe from all but its owner and the directory's. */
    public boolean keepsFiles() {
        return isDirectory() && ((mode & WRITABLE_BY_OTHERS) == 0 || (mode & STICKY) != 0);
    }

    /** makedev(3): twelve bits of the major number above eight of the minor, the rest of both further up. */
    private static FileId id(long device, long inode) {
        int major = (int) ((device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L));
        int minor = (int) ((device & 0xff) | (device >>> 12 & 0xffff_ff00L));
        return new FileId(major, minor, inode);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) Objects.requireNonNull(attributes.get(name));
    }
}
