package io.perfagent.procfs;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /proc/<pid>/maps} (proc_pid_maps(5)):
 *
 * <pre>
 *   7f0c1e000000-7f0c1e021000 r-xp 00002000 fe:00 1234567    /usr/lib/libfoo.so (deleted)
 *   start        end          prot offset   dev   inode      path; octal escape for newline
 * </pre>
 */
public final class ProcMaps {
    private static final String DELETED = " (deleted)";

    private ProcMaps() {}

    /** The mappings of a process, sorted by address; empty for a kernel thread or a zombie. */
    public static List<Mapping> read(int pid) throws IOException {
        byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "maps"));
        return parse(new String(text, StandardCharsets.UTF_8));
    }

    /** Those of the mappings that code may run in: the others are not even parsed. */
    public static List<Mapping> readExecutable(int pid) throws IOException {
        byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "maps"));
        return parseExecutable(new String(text, StandardCharsets.UTF_8));
    }

    static List<Mapping> parseExecutable(String text) {
        List<Mapping> mappings = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int newline = text.indexOf('\n', at);
            int end = newline < 0 ? text.length() : newline;
            int protection = text.indexOf(' ', at) + 1;
            if (protection + 2 < end && text.charAt(protection + 2) == 'x') {
                Mapping mapping = parseLine(text.substring(at, end));
                if (mapping != null) {
                    mappings.add(mapping);
                }
            }
            at = end + 1;
        }
        return mappings;
    }

    /** Lines that do not have the form above are left out. */
    public static List<Mapping> parse(String text) {
        List<Mapping> mappings = new ArrayList<>();
        for (String line : Lines.of(text)) {
            Mapping mapping = parseLine(line);
            if (mapping != null) {
                mappings.add(mapping);
            }
        }
        return mappings;
    }

    private static @Nullable Mapping parseLine(String line) {
        String[] fields = line.split(" +", 6);
        int dash = line.indexOf('-');
        if (fields.length < 5 || dash < 0 || fields[1].length() != 4) {
            return null;
        }
        try {
            int colon = fields[3].indexOf(':');
            String path = fields.length == 6 ? unescape(fields[5]) : "";
            boolean deleted = path.endsWith(DELETED);
            return new Mapping(
                    Long.parseUnsignedLong(fields[0], 0, dash, 16),
                    Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16),
                    Long.parseUnsignedLong(fields[2], 16),
                    fields[1].charAt(0) == 'r',
                    fields[1].charAt(1) == 'w',
                    fields[1].charAt(2) == 'x',
                    Integer.parseInt(fields[3], 0, colon, 16),
                    Integer.parseInt(fields[3], colon + 1, fields[3].length(), 16),
                    Long.parseLong(fields[4]),
                    deleted ? path.substring(0, path.length() - DELETED.length()) : path,
                    deleted);
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            return null;
        }
    }

    private static String unescape(String path) {
        return path.replace("\\012", "\n");
    }
}
