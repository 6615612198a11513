package io.perfagent.procfs;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/** The file that was mapped by a process which has ended: by its path in our own root, if the file there still is that one. */
public final class FileByPath {
    private FileByPath() {}

    /** The path of the mapped file; an exception where there is another file or none. */
    public static Path of(Mapping mapping) throws IOException {
        Path path = Path.of(mapping.path());
        Map<String, Object> file = Files.readAttributes(path, "unix:ino,dev,mode", LinkOption.NOFOLLOW_LINKS);
        if (mapping.deleted() || !Long.valueOf(mapping.inode()).equals(file.get("ino")) || !isOn(mapping, file)) {
            throw new IOException(path + " is another file than the one that was mapped");
        }
        return path;
    }

    /** File systems without a device of their own, such as overlays, show one number in mappings and another in stat(2). */
    private static boolean isOn(Mapping mapping, Map<String, Object> file) {
        long device = file.get("dev") instanceof Long number ? number : 0;
        return mapping.deviceMajor() == 0 || device == makedev(mapping.deviceMajor(), mapping.deviceMinor());
    }

    /** As gnu_dev_makedev(3). */
    private static long makedev(long major, long minor) {
        return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
    }
}
