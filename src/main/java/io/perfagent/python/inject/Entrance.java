package io.perfagent.python.inject;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.model.Mapping;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Sends a thread of the target into the routine. Everything that can be done before a thread is stopped is. */
final class Entrance {
    private static final long PREDECESSOR_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Offset of rseq_cs in struct rseq. */
    private static final int RSEQ_CS = 8;

    /** For the vector state, 11 KiB where there is AMX, and the call that queues. */
    private static final long STACK_NEEDED = 32 << 10;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Interpreter interpreter;
    private final Architecture architecture;
    private final Ptrace ptrace;
    private final ProcessMemory memory;
    private final StopClock clock;
    private final ControlBlock block;
    private final Placement place;

    Entrance(
            Interpreter interpreter,
            Architecture architecture,
            Ptrace ptrace,
            ProcessMemory memory,
            StopClock clock,
            ControlBlock block,
            Placement place) {
        this.interpreter = interpreter;
        this.architecture = architecture;
        this.ptrace = ptrace;
        this.memory = memory;
        this.clock = clock;
        this.block = block;
        this.place = place;
    }

    /** An agent that was killed may have left a thread in the routine, or a pending call that is still to come. */
    void awaitPredecessor() throws IOException, RefusedException {
        long deadline = System.nanoTime() + PREDECESSOR_NANOS;
        while (isTaken()) {
            if (System.nanoTime() > deadline) {
                throw new RefusedException(InjectRefusal.BUSY, "an earlier run in this process has not ended");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** No thread waits while the virtual machine does these things for the first time. */
    void rehearse() throws IOException {
        StoppedThread nobody = architecture.nobody();
        ptrace.rehearse();
        architecture.decode(architecture.entering(nobody, 0));
        architecture.afterSystemCall(nobody.at(block.address()), memory);
        block.prepare(0, Command.LOOK, Route.PARKED_THREAD, architecture.resumption(nobody), 0, 0);
        block.state(RunState.IDLE);
    }

    /** Lets a parked thread do the work itself; false where it was parked no longer. */
    boolean borrow(Threads.Parked parked, Command command) throws IOException, RefusedException {
        int tid = parked.tid();
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = architecture.decode(ptrace.registers(tid, Ptrace.NT_PRSTATUS));
            if (thread.systemCall() != parked.systemCall() || !architecture.afterSystemCall(thread, memory)) {
                return false;
            }
            enter(tid, thread, command, Route.PARKED_THREAD);
            return true;
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    /** Lets a running thread queue the work; null where it was at no place to do so. */
    @Nullable
    Route queue(int tid, Threads threads, Command command) throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = architecture.decode(ptrace.registers(tid, Ptrace.NT_PRSTATUS));
            Route route = routeFrom(tid, thread, threads);
            if (route != null) {
                place.keep();
                enter(tid, thread, command, route);
            }
            return route;
        } catch (LinuxException e) {
            boolean _ = onlyThisThreadGone(e);
            return null;
        }
    }

    /**
     * Queueing takes a lock of the queue and, where any thread may make the call, that of the list of threads. A thread in the evaluation
     * loop holds neither. Nor does one in a library other than the interpreter's and the C library's hold the first; the second it may,
     * if that library is what the interpreter allocates with. It may also be in a restartable sequence (rseq(2)), which the kernel must
     * see the end of. The main thread must be running, or it would not make the call.
     */
    private @Nullable Route routeFrom(int tid, StoppedThread thread, Threads threads) throws IOException {
        long at = thread.programCounter();
        if (!hasStack(threads.mappings(), thread.stackPointer())) {
            return null;
        }
        if (interpreter.evaluates(at)) {
            return Route.PENDING_CALL;
        }
        boolean mayCall = threads.others().contains(interpreter.pid())
                && isForeign(at, threads.mappings())
                && outsideRestartableSequence(tid);
        return mayCall ? Route.MAIN_PENDING_CALL : null;
    }

    /** Of the main thread's stack, which grows as it is used, only what is there now is known: there is room below it. */
    private static boolean hasStack(List<Mapping> mappings, long stackPointer) {
        for (Mapping mapping : mappings) {
            if (mapping.contains(stackPointer)) {
                return mapping.path().equals("[stack]") || stackPointer - mapping.start() >= STACK_NEEDED;
            }
        }
        return false;
    }

    private boolean isForeign(long programCounter, List<Mapping> mappings) {
        for (Mapping mapping : mappings) {
            if (mapping.contains(programCounter)) {
                String name = mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
                return mapping.isFile()
                        && !mapping.file().equals(interpreter.file().file())
                        && !CLibrary.holdsLocks(name);
            }
        }
        return false;
    }

    private boolean outsideRestartableSequence(int tid) throws IOException {
        long area = ptrace.rseq(tid);
        return area == 0 || memory.word(area + RSEQ_CS) == 0;
    }

    /** The thread is on its way only with the change of the registers; the mask follows, since the routine sets it anyway. */
    private void enter(int tid, StoppedThread thread, Command command, Route route) throws IOException {
        int vectorBytes = ptrace.registers(tid, architecture.vectorRegisterSet()).length;
        long mask = ptrace.signalMask(tid);
        byte[] registers = architecture.entering(thread, place.address());
        block.prepare(tid, command, route, architecture.resumption(thread), mask, vectorBytes);
        place.visitedBy(tid);
        ptrace.setRegisters(tid, Ptrace.NT_PRSTATUS, registers);
        ptrace.setSignalMask(tid, mask | architecture.blockedSignals());
    }

    private boolean isTaken() throws IOException, RefusedException {
        return switch (block.state()) {
            case IDLE, DONE -> false;
            case ENTERED -> true;
            case PREPARED -> isAtTheDoor(block.thread());
        };
    }

    private boolean isAtTheDoor(int tid) throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            return place.holds(architecture
                    .decode(ptrace.registers(tid, Ptrace.NT_PRSTATUS))
                    .programCounter());
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    private static boolean onlyThisThreadGone(LinuxException e) throws LinuxException {
        if (e.errno() != Errno.ESRCH) {
            throw e;
        }
        return false;
    }
}
