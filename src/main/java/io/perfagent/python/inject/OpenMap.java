package io.perfagent.python.inject;

import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A perf map that a process has open for appending.
 *
 * @param descriptor its number in the process
 * @param device st_dev of what it leads to
 * @param inode st_ino
 */
record OpenMap(int descriptor, long device, long inode) {
    private static final String DELETED = " (deleted)";
    /** O_WRONLY and O_APPEND, of the flags that fdinfo shows in octal. */
    private static final int APPENDING = 02001;

    /** Null where no descriptor of the process leads to its map. */
    static @Nullable OpenMap find(int pid) throws IOException {
        String name = "/perf-" + ProcStatus.read(pid).innermostPid(pid) + ".map";
        Path process = Path.of("/proc", Integer.toString(pid));
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                OpenMap map = read(process, descriptor, name);
                if (map != null) {
                    return map;
                }
            }
        }
        return null;
    }

    private static @Nullable OpenMap read(Path process, Path descriptor, String name) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            String number = descriptor.getFileName().toString();
            boolean named = target.endsWith(name) || target.endsWith(name + DELETED);
            if (!named || !isAppending(process.resolve("fdinfo").resolve(number))) {
                return null;
            }
            Map<String, Object> file = Files.readAttributes(descriptor, "unix:dev,ino");
            return new OpenMap(Integer.parseInt(number), number(file, "dev"), number(file, "ino"));
        } catch (IOException _) {
            return null; // closed meanwhile
        }
    }

    private static boolean isAppending(Path info) throws IOException {
        for (String line : Files.readAllLines(info)) {
            if (line.startsWith("flags:")) {
                int flags = Integer.parseUnsignedInt(
                        line.substring("flags:".length()).strip(), 8);
                return (flags & APPENDING) == APPENDING;
            }
        }
        return false;
    }

    private static long number(Map<String, Object> attributes, String name) {
        return (Long) Objects.requireNonNull(attributes.get(name));
    }
}
