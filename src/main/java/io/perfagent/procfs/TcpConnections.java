package io.perfagent.procfs;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * TCP sockets of a process's network namespace, {@code /proc/<pid>/net/tcp} and {@code tcp6} (proc_pid_net(5)):
 *
 * <pre>
 *    1: 0100007F:C3A2 0700000A:1538 01 00000000:00000000 00:00000000 00000000  1000  0 7506231 …
 *       local         remote        state                                            inode
 * </pre>
 *
 * An address is words of 32 bits as the processor has them, the port a number.
 */
public final class TcpConnections {
    /** Of each file; of a machine with more connections, those that come first. */
    private static final int MOST_LINES = 100_000;

    private static final Pattern LINE = Pattern.compile(
            "\\s*\\d+: ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{2}) \\S+ \\S+ \\S+\\s+\\d+\\s+\\d+ (\\d+).*");

    private static final String LISTENS = "0A";
    private static final int WORD_DIGITS = 8;

    private final Map<Long, String> byInode = new HashMap<>();

    private TcpConnections() {}

    /** Those that there are now; none where they cannot be read. */
    public static TcpConnections read(int pid) {
        TcpConnections connections = new TcpConnections();
        for (String name : List.of("tcp", "tcp6")) {
            Path file = Path.of("/proc", Integer.toString(pid), "net", name);
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
                lines.lines().limit(MOST_LINES).forEach(connections::add);
            } catch (IOException _) {
                // without names then
            }
        }
        return connections;
    }

    /** Those of a file's text. */
    static TcpConnections parse(String text) {
        TcpConnections connections = new TcpConnections();
        text.lines().forEach(connections::add);
        return connections;
    }

    /** The other end of a socket, {@code 10.0.0.7:5432}, or where it listens; null where it is none of these. */
    public @Nullable String of(long inode) {
        return byInode.get(inode);
    }

    private void add(String text) {
        Matcher line = LINE.matcher(text);
        if (line.matches()) {
            boolean listens = line.group(5).equals(LISTENS);
            String end = listens ? end(line.group(1), line.group(2)) : end(line.group(3), line.group(4));
            byInode.put(Long.parseLong(line.group(6)), listens ? "listens at " + end : end);
        }
    }

    private static String end(String address, String port) {
        int number = Integer.parseInt(port, 16);
        List<Integer> bytes = new ArrayList<>();
        for (int at = 0; at + WORD_DIGITS <= address.length(); at += WORD_DIGITS) {
            int word = Integer.parseUnsignedInt(address, at, at + WORD_DIGITS, 16);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                bytes.add((word >>> shift) & 0xff);
            }
        }
        return bytes.size() == 4 ? dotted(bytes) + ":" + number : "[" + colons(bytes) + "]:" + number;
    }

    private static String dotted(List<Integer> bytes) {
        return String.join(".", bytes.stream().map(String::valueOf).toList());
    }

    /** Eight groups, zeros written out; IPv4 in IPv6 as IPv4. */
    private static String colons(List<Integer> bytes) {
        if (bytes.subList(0, 10).stream().allMatch(one -> one == 0) && bytes.get(10) == 0xff && bytes.get(11) == 0xff) {
            return dotted(bytes.subList(12, 16));
        }
        List<String> groups = new ArrayList<>();
        for (int at = 0; at + 1 < bytes.size(); at += 2) {
            groups.add(Integer.toHexString((bytes.get(at) << 8) | bytes.get(at + 1)));
        }
        return String.join(":", groups);
    }
}
