package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is used of {@code /proc/<pid>/stat} (proc_pid_stat(5)).
 *
 * @param comm the thread's name
 * @param state one letter: R, S, D, T, t, Z, X, I
 * @param ppid the parent's PID, 0 where it has none in our namespace
 * @param flags PF_… of the kernel
 * @param startTime clock ticks after boot; with the PID, the identity of a process
 */
public record ProcStat(String comm, char state, int ppid, long flags, long startTime) {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, an ABI constant on x86-64 and aarch64
    private static final long PF_EXITING = 0x00000004;
    private static final long PF_KTHREAD = 0x00200000;

    public static ProcStat read(int pid) throws IOException {
        byte[] text = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "stat"));
        return parse(new String(text, StandardCharsets.UTF_8));
    }

    /** The comm may hold spaces and parentheses: the last closing one ends it. */
    public static ProcStat parse(String text) throws IOException {
        int open = text.indexOf('(');
        int close = text.lastIndexOf(')');
        if (open < 0 || close < open) {
            throw new IOException("not a stat line");
        }
        String[] fields = text.substring(close + 1).strip().split(" ", -1);
        try {
            return new ProcStat(
                    text.substring(open + 1, close),
                    fields[0].charAt(0),
                    Integer.parseInt(fields[1]),
                    Long.parseLong(fields[6]),
                    Long.parseLong(fields[19]));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IOException("not a stat line", e);
        }
    }

    /** Whether it has begun to end: its memory may be gone already. */
    public boolean exiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** When the process began, milliseconds after 1970; true to some hundredths of a second, unless the clock was set since. */
    public long startMillis() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"), StandardCharsets.US_ASCII);
        double age = Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) - startTime / TICKS_PER_SECOND;
        return System.currentTimeMillis() - (long) (age * 1000);
    }

    public boolean kernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }
}
