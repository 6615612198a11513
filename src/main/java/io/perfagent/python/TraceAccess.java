package io.perfagent.python;

import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.targetfs.UnixFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a process may be attached to, as far as /proc says (ptrace(2), "Ptrace access mode checking"). */
final class TraceAccess {
    private static final Path YAMA = Path.of("/proc/sys/kernel/yama/ptrace_scope");
    private static final int CAP_SYS_PTRACE = 19;

    private TraceAccess() {}

    /** A process has one tracer at a time, and one that a signal has stopped would not move. */
    static void check(int pid) throws IOException, RefusedException {
        if (ProcStat.read(pid).state() == 'T') {
            throw new RefusedException(InjectRefusal.STOPPED, "a signal has stopped it; SIGCONT lets it go on");
        }
        if (!mayOpenMemory(pid)) {
            throw new RefusedException(InjectRefusal.PTRACE_EPERM, denied(pid));
        }
        Path tasks = Path.of("/proc", Integer.toString(pid), "task");
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                checkTracer(Integer.parseInt(thread.getFileName().toString()));
            }
        }
    }

    private static void checkTracer(int tid) throws RefusedException {
        String tracer = tracer(tid);
        if (!tracer.isEmpty() && !tracer.equals("0")) {
            throw new RefusedException(
                    InjectRefusal.PTRACE_EPERM, "it is traced by " + name(tracer) + " (process " + tracer + ")");
        }
    }

    /** Threads come and go: one that has ended meanwhile has none. */
    private static String tracer(int tid) {
        try {
            return ProcStatus.read(tid).field("TracerPid");
        } catch (IOException _) {
            return "";
        }
    }

    private static String name(String pid) {
        try {
            return ProcStat.read(Integer.parseInt(pid)).comm();
        } catch (IOException _) {
            return "another";
        }
    }

    /** Why the kernel said no, and what would help. */
    static String denied(int pid) {
        String scope = yama();
        if (scope.equals("3")) {
            return "ptrace is refused to everybody: " + YAMA + " is 3, and stays so until the next boot;"
                    + " not even CAP_SYS_PTRACE helps";
        }
        if (mayTrace() && !mayOpenMemory(pid)) {
            return "/proc/" + pid + "/mem belongs to another user, and CAP_SYS_PTRACE alone does not open it:"
                    + " CAP_DAC_OVERRIDE does, or run as that user";
        }
        boolean restricted = !scope.isEmpty();
        return mayTrace()
                ? "ptrace is refused although CAP_SYS_PTRACE is there"
                        + (restricted ? " (" + YAMA + " is " + scope + ")" : "")
                        + ": another user namespace, a security module or another tracer is in the way"
                : "ptrace is refused: it needs root or CAP_SYS_PTRACE, or the same user"
                        + (restricted ? " and " + YAMA + " at 0 (it is " + scope + ")" : "");
    }

    private static boolean mayTrace() {
        try {
            return (ProcStatus.readSelf().effectiveCapabilities() >>> CAP_SYS_PTRACE & 1) != 0;
        } catch (IOException _) {
            return false;
        }
    }

    /** The file's mode counts beside the right to trace (proc_pid_mem(5)). */
    private static boolean mayOpenMemory(int pid) {
        try {
            UnixFile memory = UnixFile.read(Path.of("/proc", Integer.toString(pid), "mem"));
            return memory == null || FileAccess.of(ProcStatus.readSelf()).mayWrite(memory);
        } catch (IOException _) {
            return true;
        }
    }

    /** Empty for a kernel without it. */
    private static String yama() {
        try {
            return Files.readString(YAMA).strip();
        } catch (IOException _) {
            return "";
        }
    }
}
