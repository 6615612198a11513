package io.perfagent.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a name stands for, wherever links lead from it, one after the other:
 *
 * <pre>
 *   out.pb.gz                                       a file, or a link to be replaced
 *   /dev/stdout ─→ /proc/self/fd/1                  standard output; what that is open on is not looked at
 *   out.pb.gz ─→ /dev/null, /proc/self/fd/2         the system's: replacing one of these would take it from everyone
 * </pre>
 */
enum Place {
    FILE,
    STANDARD_OUTPUT,
    SYSTEM;

    private static final int MOST_LINKS = 40; // as many as the kernel follows, path_resolution(7)
    private static final Pattern FIRST_DESCRIPTOR =
            Pattern.compile("/proc/" + ProcessHandle.current().pid() + "/(task/\\d+/)?fd/1");

    static Place of(Path path) {
        Place place = FILE;
        Path name = path;
        try {
            for (int links = 0; links < MOST_LINKS; links++) {
                name = inItsRealDirectory(name);
                if (FIRST_DESCRIPTOR.matcher(name.toString()).matches()) {
                    return STANDARD_OUTPUT;
                }
                place = isOfTheSystem(name) ? SYSTEM : place;
                if (!Files.isSymbolicLink(name)) {
                    return place;
                }
                name = name.resolveSibling(Files.readSymbolicLink(name));
            }
        } catch (IOException _) {
            return place; // leads nowhere; or a directory is missing, which the attempt to write there says
        }
        return place;
    }

    private static Path inItsRealDirectory(Path path) throws IOException {
        Path name = path.toAbsolutePath();
        Path directory = name.getParent();
        return directory == null ? name : directory.toRealPath().resolve(name.getFileName());
    }

    private static boolean isOfTheSystem(Path name) {
        return name.startsWith("/dev") || name.startsWith("/proc") || name.startsWith("/sys");
    }
}
