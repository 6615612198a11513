package io.perfagent.python.inject;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sends a thread of the target into the routine. Everything that can be done before a thread is stopped is. */
final class Entrance {
    private static final long PREDECESSOR_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Offset of rseq_cs in struct rseq. */
    private static final int RSEQ_CS = 8;

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
                leave(tid, thread);
                return false;
            }
            enter(tid, thread, command, Route.PARKED_THREAD);
            return true;
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    /** Lets a running thread queue the work for the main thread; false where it was at no place to do so. */
    boolean queue(int tid, List<Mapping> mappings, Command command) throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = architecture.decode(ptrace.registers(tid, Ptrace.NT_PRSTATUS));
            if (!mayCall(tid, thread, mappings)) {
                leave(tid, thread);
                return false;
            }
            place.keep();
            enter(tid, thread, command, Route.PENDING_CALL);
            return true;
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    /**
     * Queueing takes one lock of the interpreter and calls nothing else. A thread in the evaluation loop does not hold that, nor does one
     * in a library other than the interpreter's and the C library's; that may be in a restartable sequence though (rseq(2)), which the
     * kernel must see the end of.
     */
    private boolean mayCall(int tid, StoppedThread thread, List<Mapping> mappings) throws IOException {
        long at = thread.programCounter();
        if (interpreter.evaluates(at)) {
            return true;
        }
        for (Mapping mapping : mappings) {
            if (mapping.contains(at)) {
                return isForeign(mapping) && outsideRestartableSequence(tid);
            }
        }
        return false;
    }

    private boolean isForeign(Mapping mapping) {
        String name = mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
        return mapping.isFile() && !mapping.file().equals(interpreter.file().file()) && !CLibrary.holdsLocks(name);
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

    /** A stop is not to be noticed, even where it comes to nothing: unless a signal is waiting, whose handler may count on the end. */
    private void leave(int tid, StoppedThread thread) throws IOException {
        byte[] registers = architecture.again(thread);
        if (registers != null && ProcStatus.read(tid).signalsAboutToBeHandled() == 0) {
            ptrace.setRegisters(tid, Ptrace.NT_PRSTATUS, registers);
        }
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
