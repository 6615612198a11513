package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/<pid>/status} (proc_pid_status(5)): lines of {@code Key:<tab>value}. */
public final class ProcStatus {
    private final Map<String, String> fields;

    private ProcStatus(Map<String, String> fields) {
        this.fields = fields;
    }

    public static ProcStatus read(int pid) throws IOException {
        return read(Path.of("/proc", Integer.toString(pid), "status"));
    }

    public static ProcStatus readSelf() throws IOException {
        return read(Path.of("/proc/self/status"));
    }

    private static ProcStatus read(Path path) throws IOException {
        return parse(new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
    }

    public static ProcStatus parse(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String line : Lines.of(text)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return new ProcStatus(fields);
    }

    /** A field's value, {@code ""} where the kernel does not have it. */
    public String field(String key) {
        return fields.getOrDefault(key, "");
    }

    /** The process's PID in its innermost PID namespace, the last of NSpid; {@code outer} where there is none. */
    public int innermostPid(int outer) {
        String[] pids = field("NSpid").split("\\s+", -1);
        String last = pids[pids.length - 1];
        return number(last, outer);
    }

    /** Users: real, effective, saved, of the file system; as the reader's user namespace has them. */
    public List<Integer> users() {
        return numbers("Uid");
    }

    /** Numbers between blanks; none where the kernel does not have the field. */
    public List<Integer> numbers(String key) {
        List<Integer> numbers = new ArrayList<>();
        for (String number : field(key).split("\\s+", -1)) {
            if (!number.isEmpty()) {
                numbers.add(Integer.parseUnsignedInt(number));
            }
        }
        return numbers;
    }

    /** The effective capabilities as a bit set, 0 where unreadable. */
    public long effectiveCapabilities() {
        return bits("CapEff");
    }

    /** Of a thread: signals that wait for it, are not blocked and have handlers. Bit n−1 is signal n. */
    public long signalsAboutToBeHandled() {
        return (bits("SigPnd") | bits("ShdPnd")) & ~bits("SigBlk") & handledSignals();
    }

    /** Signals that have handlers. Bit n−1 is signal n. */
    public long handledSignals() {
        return bits("SigCgt");
    }

    /** Of a thread, see {@link SeccompModes}; 0 for none, or a kernel without. */
    public int seccompMode() {
        return number(field("Seccomp"), 0);
    }

    private long bits(String key) {
        try {
            return Long.parseUnsignedLong(field(key), 16);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static int number(String text, int otherwise) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            return otherwise;
        }
    }
}
