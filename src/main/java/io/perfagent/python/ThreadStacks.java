package io.perfagent.python;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.GuardPages;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.PythonThread;
import io.perfagent.python.inject.PythonThreads;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stacks of the threads that run Python code, the main one aside, which grows: others, of a JVM or a library in C, never need more
 * than they do. A thread blocked in a system call shows its stack pointer, and one that runs has its descriptor at the top. Where the
 * interpreter's threads or a stack cannot be told, whatever looks like one counts, a guard and anonymous memory above it:
 *
 * <pre>
 *   │ ---p guard │ rw-p stack … │        │ guard pages, stack … │
 *     glibc before 2.42, musl              glibc 2.42 on Linux 6.13
 * </pre>
 */
final class ThreadStacks {
    private static final long MAX_GUARD = 64 << 10;
    /** Smaller ones are of signal handlers, or hold no interpreter at all: PTHREAD_STACK_MIN is 16 KiB, Python asks for 32 at least. */
    private static final long MIN_STACK = 32 << 10;

    private final int pid;
    private final List<Mapping> mappings;
    /** By what the process itself takes for the thread's number; null where they are not known. */
    private final @Nullable Map<Integer, PythonThread> pythons;

    private ThreadStacks(int pid, @Nullable Map<Integer, PythonThread> pythons) throws IOException {
        this.pid = pid;
        this.mappings = ProcMaps.read(pid);
        this.pythons = pythons;
    }

    /** Bytes of the smallest stack below {@code limit}; 0 where there is none. */
    static long smallestBelow(long limit, Interpreter interpreter, Architecture architecture) throws IOException {
        try (ProcessMemory memory = ProcessMemory.view(interpreter.pid())) {
            List<PythonThread> threads = PythonThreads.of(interpreter, architecture, memory);
            return new ThreadStacks(interpreter.pid(), byNumber(threads)).smallestBelow(limit);
        }
    }

    private static @Nullable Map<Integer, PythonThread> byNumber(@Nullable List<PythonThread> threads) {
        if (threads == null) {
            return null;
        }
        Map<Integer, PythonThread> pythons = new HashMap<>();
        threads.forEach(thread -> pythons.put(thread.tid(), thread));
        return pythons;
    }

    private long smallestBelow(long limit) throws IOException {
        long smallest = limit;
        for (Mapping stack : stacks()) {
            long size = size(stack, limit);
            smallest = size >= MIN_STACK ? Math.min(smallest, size) : smallest;
        }
        return smallest < limit ? smallest : 0;
    }

    /** Above its guard, which may lie amid a mapping with whatever is below; how much it is over {@code limit} does not matter. */
    private long size(Mapping stack, long limit) {
        long guard =
                GuardPages.lastIn(pid, Math.max(stack.start(), stack.end() - limit - GuardPages.SIZE), stack.end());
        return stack.end() - (guard < 0 ? stack.start() : guard + GuardPages.SIZE);
    }

    private List<Mapping> stacks() throws IOException {
        List<Mapping> stacks = new ArrayList<>();
        boolean allSeen = true;
        for (int tid : others()) {
            PythonThread python = pythons == null ? null : pythons.get(innermost(tid));
            if (pythons != null && python == null) {
                continue;
            }
            Mapping stack = stack(tid, python);
            allSeen &= stack != null;
            if (stack != null) {
                stacks.add(stack);
            }
        }
        return allSeen ? stacks : guarded();
    }

    private List<Integer> others() throws IOException {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path task : tasks) {
                int tid = Integer.parseInt(task.getFileName().toString());
                if (tid != pid) {
                    ids.add(tid);
                }
            }
        }
        return ids;
    }

    /** A thread that has ended meanwhile has any number. */
    private static int innermost(int tid) {
        try {
            return ProcStatus.read(tid).innermostPid(tid);
        } catch (IOException _) {
            return tid;
        }
    }

    /** Null where it cannot be told, or the thread has ended meanwhile. */
    private @Nullable Mapping stack(int tid, @Nullable PythonThread python) {
        try {
            ThreadSyscall call = ThreadSyscall.read(pid, tid);
            if (call != null) {
                return upToDescriptor(holding(call.stackPointer()), python);
            }
        } catch (IOException _) {
            // Its descriptor says where the stack is, or was.
        }
        return python == null ? null : upToDescriptor(holding(python.descriptor()), python);
    }

    /** The kernel makes one mapping of a stack and of memory that happens to lie beside it: the descriptor says where the stack ends. */
    private static @Nullable Mapping upToDescriptor(@Nullable Mapping mapping, @Nullable PythonThread python) {
        if (mapping == null || python == null || !mapping.contains(python.descriptor())) {
            return mapping;
        }
        long top = (python.descriptor() / GuardPages.SIZE + 1) * GuardPages.SIZE;
        return mapping.part(mapping.start(), Math.min(top, mapping.end()));
    }

    private @Nullable Mapping holding(long address) {
        for (Mapping mapping : mappings) {
            if (mapping.contains(address)) {
                return mapping;
            }
        }
        return null;
    }

    private List<Mapping> guarded() {
        List<Mapping> found = new ArrayList<>();
        Mapping below = null;
        for (Mapping mapping : mappings) {
            if (isAnonymous(mapping) && (isGuard(below, mapping) || GuardPages.at(pid, mapping.start()))) {
                found.add(mapping);
            }
            below = mapping;
        }
        return found;
    }

    private static boolean isAnonymous(Mapping mapping) {
        return mapping.inode() == 0 && mapping.path().isEmpty() && mapping.writable();
    }

    /** What the allocator reserves above an arena cannot be used either, but is larger. */
    private static boolean isGuard(@Nullable Mapping below, Mapping stack) {
        return below != null
                && below.end() == stack.start()
                && !below.readable()
                && !below.executable()
                && below.inode() == 0
                && below.end() - below.start() <= MAX_GUARD;
    }
}
