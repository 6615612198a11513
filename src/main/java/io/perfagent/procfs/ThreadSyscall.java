package io.perfagent.procfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The system call that a thread is blocked in, {@code /proc/<pid>/task/<tid>/syscall} (proc_pid_syscall(5)):
 *
 * <pre>
 *   202 0x7f01… 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd… 0x7f01…
 *   number, six arguments, stack pointer, program counter; "running", or "-1 sp pc" outside a call
 * </pre>
 *
 * @param number of the system call
 * @param first argument
 * @param second argument
 * @param stackPointer of the thread
 * @param programCounter just after the system call instruction
 */
public record ThreadSyscall(long number, long first, long second, long stackPointer, long programCounter) {
    private static final int FIELDS = 9;

    /** Null where the thread runs or is blocked outside a system call. */
    public static @Nullable ThreadSyscall read(int pid, int tid) throws IOException {
        Path path = Path.of("/proc", Integer.toString(pid), "task", Integer.toString(tid), "syscall");
        return parse(Files.readString(path, StandardCharsets.US_ASCII));
    }

    public static @Nullable ThreadSyscall parse(String text) {
        String[] fields = text.strip().split(" ", -1);
        if (fields.length != FIELDS) {
            return null;
        }
        try {
            return new ThreadSyscall(
                    Long.parseLong(fields[0]), hex(fields[1]), hex(fields[2]), hex(fields[7]), hex(fields[8]));
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            return null;
        }
    }

    private static long hex(String field) {
        return Long.parseUnsignedLong(field.substring(2), 16);
    }
}
