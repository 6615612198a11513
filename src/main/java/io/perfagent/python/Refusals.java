package io.perfagent.python;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Gives a failed system call its reason. */
final class Refusals {
    private Refusals() {}

    /** Of a call that concerned the program which this interpreter was found in. */
    static RefusedException of(Interpreter interpreter, IOException e) {
        RefusedException refused = of(interpreter.pid(), e);
        return refused.refusal() == InjectRefusal.FAILED && !runs(interpreter) ? anotherProgram() : refused;
    }

    static RefusedException of(int pid, IOException e) {
        if (hasEnded(pid)) {
            return new RefusedException(InjectRefusal.PROCESS_GONE, "the process has ended");
        }
        if (hasBecomeAnother(e)) {
            return anotherProgram();
        }
        if (isDenied(e)) {
            return new RefusedException(InjectRefusal.PTRACE_EPERM, TraceAccess.denied(pid));
        }
        return new RefusedException(InjectRefusal.FAILED, String.valueOf(e.getMessage()));
    }

    private static RefusedException anotherProgram() {
        return new RefusedException(InjectRefusal.PROCESS_GONE, "the process runs another program by now");
    }

    /** Until execve; what cannot be read does not say so. */
    private static boolean runs(Interpreter interpreter) {
        try {
            return ProcMaps.read(interpreter.pid()).contains(interpreter.file());
        } catch (IOException _) {
            return true;
        }
    }

    private static boolean isDenied(IOException e) {
        if (e instanceof LinuxException call) {
            return call.errno() == Errno.EPERM || call.errno() == Errno.EACCES;
        }
        return e instanceof AccessDeniedException
                || String.valueOf(e.getMessage()).contains("not permitted");
    }

    /** After execve, the memory that was opened is that of nobody, and the mappings that were read are gone. */
    private static boolean hasBecomeAnother(IOException e) {
        if (e instanceof LinuxException call) {
            return call.errno() == Errno.ESRCH;
        }
        return e instanceof EOFException
                || e instanceof NoSuchFileException
                || String.valueOf(e.getMessage()).endsWith("No such process");
    }

    /** A process on its way out has lost its memory and files, but is no zombie yet. */
    private static boolean hasEnded(int pid) {
        try {
            ProcStat stat = ProcStat.read(pid);
            return stat.exiting() || stat.state() == 'Z' || stat.state() == 'X';
        } catch (IOException _) {
            return true;
        }
    }
}
