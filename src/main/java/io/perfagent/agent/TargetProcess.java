package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.process.LiveProcess;
import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.report.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process given by its PID, as far as it matters before a run.
 *
 * @param pid as given
 * @param stat its {@code /proc/<pid>/stat}
 * @param status its {@code /proc/<pid>/status}
 */
record TargetProcess(int pid, ProcStat stat, ProcStatus status) {
    static TargetProcess read(int pid) throws CannotStartException {
        try {
            return new TargetProcess(pid, ProcStat.read(pid), ProcStatus.read(pid));
        } catch (IOException e) {
            throw new CannotStartException("no process " + pid + ": it may have ended, see ps -e for what runs now", e);
        }
    }

    /** Says why this cannot be profiled, if so. */
    void requireUserProcess() throws CannotStartException {
        if (stat.kernelThread()) {
            throw new CannotStartException(name() + " is a kernel thread and has no user stack: give a user process");
        }
        if (stat.state() == 'Z' || stat.state() == 'X') {
            throw new CannotStartException(
                    name() + " has ended and only waits for its parent to collect it:" + " give a process that runs");
        }
        requireProcess();
    }

    /** Says so where the number is that of a thread. */
    void requireProcess() throws CannotStartException {
        String leader = status.field("Tgid");
        if (!leader.equals(Integer.toString(pid))) {
            throw new CannotStartException(name() + " is a thread: give its process, --pid " + leader);
        }
    }

    LiveProcess live() {
        return new LiveProcess(pid, stat.startTime(), stat.comm());
    }

    boolean ownedBy(String uid) {
        return effectiveUid(status).equals(uid);
    }

    /** Whether {@code /proc/<pid>/mem} and its like are this user's: not where a process may not be dumped (proc(5)). */
    boolean memoryOwnedBy(String uid) {
        try {
            Path memory = Path.of("/proc", Integer.toString(pid), "mem");
            return Files.getAttribute(memory, "unix:uid").toString().equals(uid);
        } catch (IOException _) {
            return true; // has ended, which is found soon
        }
    }

    /** Uid: real, effective, saved, file system. */
    static String effectiveUid(ProcStatus status) {
        String[] uids = status.field("Uid").split("\\s+", -1);
        return uids.length > 1 ? uids[1] : "";
    }

    private String name() {
        return "process " + pid + " (" + Quoted.of(stat.comm()) + ")";
    }
}
