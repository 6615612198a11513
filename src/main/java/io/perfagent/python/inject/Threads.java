package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look at a process's threads from outside, which stops none of them.
 *
 * @param parked blocked in a call to borrow a thread from, the best first
 * @param others every other thread that is not blocked in a system call
 * @param space to look up what a running thread shows once it is stopped
 * @param handledSignals those that the process has handlers for; bit n−1 is signal n
 */
record Threads(List<Parked> parked, List<Integer> others, AddressSpace space, long handledSignals) {
    private static final long STACK_NEEDED = 128 << 10;

    /** A thread and the call it is blocked in. */
    record Parked(int tid, ParkedCall call, ThreadSyscall blockedIn) {}

    /** @param patient whether another thread than one in epoll_wait or the like is still to be hoped for */
    static Threads of(Interpreter interpreter, Architecture architecture, ProcessMemory memory, boolean patient)
            throws IOException {
        int pid = interpreter.pid();
        List<Parked> parked = new ArrayList<>();
        List<Integer> others = new ArrayList<>();
        AddressSpace space = AddressSpace.of(interpreter, ProcMaps.read(pid));
        FutexWait futexes = new FutexWait(interpreter.runtime(), memory);
        List<Integer> ids = ids(pid);
        for (int tid : ids) {
            ThreadSyscall call = call(pid, tid);
            if (call == null) {
                others.add(tid);
                continue;
            }
            ParkedCall kind = architecture.parkedCall(call);
            if (kind != null
                    && sleeps(tid)
                    && space.hasStack(call.stackPointer(), STACK_NEEDED)
                    && architecture.afterSystemCall(architecture.nobody().at(call.programCounter()), memory)
                    && mayBorrow(pid, kind, call, futexes)) {
                parked.add(new Parked(tid, kind, call));
            }
        }
        boolean more = parked.size() < ids.size();
        return new Threads(
                candidates(pid, parked, patient && more),
                others,
                space,
                ProcStatus.read(pid).handledSignals());
    }

    /**
     * The best first. The main thread last: only there would Python run a signal handler amid the borrowed work. None in epoll_wait or
     * the like while there is another, or may soon be: if the agent is killed while it holds the thread, such a call ends with EINTR,
     * as after a SIGSTOP.
     */
    static List<Parked> candidates(int pid, List<Parked> parked, boolean othersMayCome) {
        boolean nothingElse = !othersMayCome
                && parked.stream().allMatch(thread -> thread.call().mayEndWithTheAgent());
        return parked.stream()
                .filter(thread -> nothingElse || !thread.call().mayEndWithTheAgent())
                .sorted(Comparator.comparing((Parked thread) -> thread.tid() == pid)
                        .thenComparing(Parked::call))
                .toList();
    }

    private static List<Integer> ids(int pid) throws IOException {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path task : tasks) {
                ids.add(Integer.valueOf(task.getFileName().toString()));
            }
        }
        return ids;
    }

    private static @Nullable ThreadSyscall call(int pid, int tid) {
        try {
            return ThreadSyscall.read(pid, tid);
        } catch (IOException _) {
            return null; // ended meanwhile, or not ours to look at: seizing it will tell
        }
    }

    private static boolean sleeps(int tid) {
        try {
            return ProcStat.read(tid).state() == 'S';
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean mayBorrow(int pid, ParkedCall kind, ThreadSyscall call, FutexWait futexes) {
        return switch (kind) {
            case FUTEX_WAIT -> futexes.isForOthers(call.first());
            case READ -> isStream(Path.of("/proc/" + pid + "/fd/" + call.first()));
            case SLEEP, ACCEPT, RECEIVE, CHILD_WAIT, SIGNAL_WAIT, SELECT, EPOLL -> true;
        };
    }

    /** A read of a regular file may be the loader's, on a file system that blocks. */
    private static boolean isStream(Path descriptor) {
        return Files.exists(descriptor) && !Files.isRegularFile(descriptor);
    }
}
