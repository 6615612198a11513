package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Resource limits of a process, from {@code /proc/<pid>/limits} (proc_pid_limits(5)):
 *
 * <pre>
 *   Limit                     Soft Limit           Hard Limit           Units
 *   Max open files            1024                 1048576              files
 *   Max address space         unlimited            unlimited            bytes
 * </pre>
 */
public record ProcLimits(String text) {
    public static final String OPEN_FILES = "Max open files";
    /** RLIMIT_AS, in bytes; counts all that is mapped. */
    public static final String ADDRESS_SPACE = "Max address space";
    /** RLIMIT_DATA, in bytes; counts private writable memory. */
    public static final String DATA = "Max data size";

    public static ProcLimits read(int pid) throws IOException {
        Path file = Path.of("/proc", Integer.toString(pid), "limits");
        return new ProcLimits(Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    /** The limit in force, in its own unit; {@link Long#MAX_VALUE} where there is none. */
    public long soft(String limit) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(limit)) {
                String soft = line.substring(limit.length()).strip().split("\\s+", 2)[0];
                return soft.matches("\\d{1,18}") ? Long.parseLong(soft) : Long.MAX_VALUE;
            }
        }
        return Long.MAX_VALUE;
    }
}
