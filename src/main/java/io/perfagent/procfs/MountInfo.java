package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a process has mounted, {@code /proc/<pid>/mountinfo} (proc_pid_mountinfo(5)):
 *
 * <pre>
 *   36 35 98:0 /root /mnt/point rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
 *                    mount point, options  …        - type source, options of the file system
 * </pre>
 */
public final class MountInfo {
    private static final int ID = 0;
    private static final int POINT = 4;
    private static final int OPTIONS = 5;

    /**
     * One mount.
     *
     * @param id as {@code mnt_id} of an open file's {@code /proc/<pid>/fdinfo} has it
     * @param point below the root of the process
     * @param readOnly through this mount, or altogether
     */
    public record Mount(String id, String point, boolean readOnly) {}

    private final List<Mount> mounts;

    private MountInfo(List<Mount> mounts) {
        this.mounts = mounts;
    }

    public static MountInfo read(int pid) throws IOException {
        byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "mountinfo"));
        return parse(new String(text, StandardCharsets.UTF_8));
    }

    /** Lines that do not have the form above are left out. */
    public static MountInfo parse(String text) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : Lines.of(text)) {
            String[] fields = line.split(" ", -1);
            int options = line.lastIndexOf(' ') + 1;
            if (fields.length > OPTIONS) {
                boolean readOnly = isReadOnly(fields[OPTIONS]) || isReadOnly(line.substring(options));
                mounts.add(new Mount(fields[ID], unescape(fields[POINT]), readOnly));
            }
        }
        return new MountInfo(mounts);
    }

    /** The mount of an id; null where the process does not see it. */
    public @Nullable Mount withId(String id) {
        return mounts.stream()
                .filter(mount -> mount.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    private static boolean isReadOnly(String options) {
        return options.equals("ro") || options.startsWith("ro,");
    }

    private static String unescape(String path) {
        return path.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
