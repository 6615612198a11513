package io.perfagent.python;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/** Gives a failed system call its reason. */
final class Refusals {
    private Refusals() {}

    static RefusedException of(int pid, IOException e) {
        if (hasEnded(pid)) {
            return new RefusedException(InjectRefusal.PROCESS_GONE, "the process has ended");
        }
        if (isDenied(e)) {
            return new RefusedException(InjectRefusal.PTRACE_EPERM, TraceAccess.denied());
        }
        return new RefusedException(InjectRefusal.FAILED, String.valueOf(e.getMessage()));
    }

    private static boolean isDenied(IOException e) {
        if (e instanceof LinuxException call) {
            return call.errno() == Errno.EPERM || call.errno() == Errno.EACCES;
        }
        return e instanceof AccessDeniedException
                || String.valueOf(e.getMessage()).contains("not permitted");
    }

    private static boolean hasEnded(int pid) {
        try {
            char state = ProcStat.read(pid).state();
            return state == 'Z' || state == 'X';
        } catch (IOException _) {
            return true;
        }
    }
}
