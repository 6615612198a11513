package io.perfagent.procfs;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.io.InputStream;
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

    /** A line is shorter: a path has 4,095 bytes, four times as many where all are escaped. */
    private static final int CHUNK = 1 << 16;
    /** Of lines that are wanted, 8 MiB of a heap of 256: a process can have 65,530 mappings, each of a file with a name of 4,095 bytes. */
    private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 32;

    private ProcMaps() {}

    /** The mappings of a process, sorted by address; empty for a kernel thread or a zombie. */
    public static List<Mapping> read(int pid) throws IOException {
        return read(pid, false);
    }

    /** Those of the mappings that code may run in: the others are not even parsed. */
    public static List<Mapping> readExecutable(int pid) throws IOException {
        return read(pid, true);
    }

    private static List<Mapping> read(int pid, boolean executable) throws IOException {
        try (InputStream file = Files.newInputStream(Path.of("/proc", Integer.toString(pid), "maps"))) {
            return read(file, executable, MOST_BYTES);
        }
    }

    /** @param most bytes of lines that are wanted */
    static List<Mapping> read(InputStream file, boolean executable, long most) throws IOException {
        List<Mapping> mappings = new ArrayList<>();
        byte[] bytes = new byte[CHUNK];
        int held = 0;
        long kept = 0;
        for (int read = 0; read >= 0; read = file.read(bytes, held, bytes.length - held)) {
            held += read;
            int from = 0;
            for (int end = endOfLine(bytes, from, held); end >= 0; end = endOfLine(bytes, from, held)) {
                kept += add(mappings, bytes, from, end, executable);
                from = end + 1;
            }
            System.arraycopy(bytes, from, bytes, 0, held - from);
            held -= from;
            if (kept > most || held == bytes.length) {
                throw new IOException("more mappings, or longer names of files, than there is memory for");
            }
        }
        return mappings;
    }

    private static int endOfLine(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\n') {
                return at;
            }
        }
        return -1;
    }

    /** Adds a line's mapping where it is wanted; returns how many bytes it has then. */
    private static int add(List<Mapping> mappings, byte[] bytes, int from, int end, boolean executable) {
        if (executable && !isExecutable(bytes, from, end)) {
            return 0;
        }
        Mapping mapping = parseLine(new String(bytes, from, end - from, StandardCharsets.UTF_8));
        if (mapping != null) {
            mappings.add(mapping);
        }
        return end - from;
    }

    private static boolean isExecutable(byte[] bytes, int from, int end) {
        int protection = from;
        while (protection < end && bytes[protection] != ' ') {
            protection++;
        }
        return protection + 3 < end && bytes[protection + 3] == 'x';
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
