package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The routine's code in the target. It is taken away again only when it was put there by this run, so that no thread which an earlier
 * and killed agent sent there can still be in it, and when every thread that this run sent there has been seen outside; else
 * it stays, and a later run finds it in its place.
 */
final class Placement {
    private static final int LOOKS = 20;
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final int pid;
    private final Padding padding;
    private final byte[] code;
    private final long address;
    private final Set<Integer> visitors = new HashSet<>();
    private boolean mayRemove;

    private Placement(int pid, Padding padding, byte[] code, long address) {
        this.pid = pid;
        this.padding = padding;
        this.code = code;
        this.address = address;
    }

    /** Finds the place; nothing is written yet. */
    static Placement of(Interpreter interpreter, ProcessMemory memory, byte[] code)
            throws IOException, RefusedException {
        Padding padding = new Padding(interpreter, memory, ProcMaps.read(interpreter.pid()));
        return new Placement(interpreter.pid(), padding, code, padding.code(code));
    }

    /** The same place, with visitors of its own. */
    Placement forNobody() {
        return new Placement(pid, padding, code, address);
    }

    long address() {
        return address;
    }

    boolean holds(long programCounter) {
        long from = programCounter - address;
        return from >= 0 && from < code.length;
    }

    void install() throws IOException, RefusedException {
        mayRemove |= padding.install(address, code);
    }

    /** A thread is about to enter, and leaves on its own. */
    void visitedBy(int tid) {
        visitors.add(tid);
    }

    /** The code is needed at a time that nobody can tell from outside. */
    void keep() {
        mayRemove = false;
    }

    void remove() throws IOException {
        if (mayRemove && everyVisitorIsOut()) {
            padding.clear(address, code.length);
            mayRemove = false;
        }
    }

    private boolean everyVisitorIsOut() {
        for (int look = 0; look < LOOKS && !visitors.isEmpty(); look++) {
            visitors.removeIf(this::isOut);
            if (!visitors.isEmpty()) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
        return visitors.isEmpty();
    }

    /** A blocked thread shows its program counter; of one that runs or has ended nothing is known. */
    private boolean isOut(int tid) {
        try {
            @Nullable ThreadSyscall call = ThreadSyscall.read(pid, tid);
            return call != null && !holds(call.programCounter());
        } catch (IOException _) {
            return false;
        }
    }
}
