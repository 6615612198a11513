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
    /** Before the path. */
    private static final int FIELDS = 5;

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

    /** A line without the form above has a field that is empty where it must not be, or no number. */
    private static @Nullable Mapping parseLine(String line) {
        int[] begins = new int[FIELDS];
        int[] ends = new int[FIELDS];
        int at = 0;
        for (int field = 0; field < FIELDS; field++) {
            begins[field] = at;
            ends[field] = endOfWord(line, at);
            at = endOfBlanks(line, ends[field]);
        }
        try {
            return mapping(line, begins, ends, unescape(line.substring(at)));
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            return null;
        }
    }

    private static @Nullable Mapping mapping(String line, int[] begins, int[] ends, String path) {
        int protection = begins[1];
        if (ends[1] - protection != 4) {
            return null;
        }
        int dash = line.indexOf('-');
        int colon = line.indexOf(':', begins[3]);
        boolean deleted = path.endsWith(DELETED);
        return new Mapping(
                Long.parseUnsignedLong(line, 0, dash, 16),
                Long.parseUnsignedLong(line, dash + 1, ends[0], 16),
                Long.parseUnsignedLong(line, begins[2], ends[2], 16),
                line.charAt(protection) == 'r',
                line.charAt(protection + 1) == 'w',
                line.charAt(protection + 2) == 'x',
                Integer.parseInt(line, begins[3], colon, 16),
                Integer.parseInt(line, colon + 1, ends[3], 16),
                Long.parseLong(line, begins[4], ends[4], 10),
                deleted ? path.substring(0, path.length() - DELETED.length()) : path,
                deleted);
    }

    private static int endOfWord(String line, int from) {
        int blank = line.indexOf(' ', from);
        return blank < 0 ? line.length() : blank;
    }

    private static int endOfBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static String unescape(String path) {
        return path.replace("\\012", "\n");
    }
}
