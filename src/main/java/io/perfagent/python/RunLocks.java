package io.perfagent.python;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessLock;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processes that this run has on, which no other run may switch meanwhile: the shorter of two would end the names of the other. A run
 * that is killed leaves no lock. Safe for use by several threads.
 */
final class RunLocks implements AutoCloseable {
    private static final int MOST_ANCESTORS = 64;
    /** So many, and those of processes that have ended are looked for. */
    private static final int MANY = 256;

    /** @param startTime tells a process from an earlier one with the same PID */
    private record Held(long startTime, ProcessLock lock) {
        boolean isOf(Interpreter interpreter) {
            return startTime == interpreter.startTime();
        }
    }

    private final Map<Integer, Held> held = new HashMap<>();
    private int pruneAt = MANY;

    synchronized boolean holds(Interpreter interpreter) {
        Held found = held.get(interpreter.pid());
        return found != null && found.isOf(interpreter);
    }

    /** Refuses what another run has; takes nothing twice. */
    synchronized void take(Interpreter interpreter) throws IOException, RefusedException {
        if (!holds(interpreter)) {
            release(interpreter.pid());
            prune();
            held.put(interpreter.pid(), new Held(interpreter.startTime(), lock(interpreter.pid())));
        }
    }

    /** A copy of what another run has on is switched off by that run. */
    synchronized void requireNoRunAbove(Interpreter interpreter) throws IOException, RefusedException {
        int pid = parent(interpreter.pid());
        for (int count = 0; count < MOST_ANCESTORS && pid > 1; count++) {
            if (!held.containsKey(pid)) {
                lock(pid).close();
            }
            pid = parent(pid);
        }
    }

    synchronized void release(int pid) {
        Held found = held.remove(pid);
        if (found != null) {
            found.lock().close();
        }
    }

    @Override
    public synchronized void close() {
        held.values().forEach(each -> each.lock().close());
        held.clear();
    }

    private void prune() {
        if (held.size() >= pruneAt) {
            held.entrySet().removeIf(entry -> hasEnded(entry.getKey(), entry.getValue()));
            pruneAt = Math.max(MANY, 2 * held.size());
        }
    }

    private static boolean hasEnded(int pid, Held held) {
        boolean ended = startTime(pid) != held.startTime();
        if (ended) {
            held.lock().close();
        }
        return ended;
    }

    private static ProcessLock lock(int pid) throws IOException, RefusedException {
        try {
            return ProcessLock.takeForRun(pid);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EAGAIN) {
                throw new RefusedException(
                        InjectRefusal.BUSY, "another run of perf-agent has process " + pid + " on until it ends");
            }
            throw e;
        }
    }

    private static long startTime(int pid) {
        ProcStat stat = stat(pid);
        return stat == null ? 0 : stat.startTime();
    }

    private static int parent(int pid) {
        ProcStat stat = stat(pid);
        return stat == null ? 0 : stat.ppid();
    }

    private static @Nullable ProcStat stat(int pid) {
        try {
            return ProcStat.read(pid);
        } catch (IOException _) {
            return null; // it has ended
        }
    }
}
