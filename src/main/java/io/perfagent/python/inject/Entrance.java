package io.perfagent.python.inject;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
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

    /** For a script, which CPython parses: a thread with less says in the target's own output that the parser's stack overflowed. */
    private static final long STACK_NEEDED_TO_PARSE = 256 << 10;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Interpreter interpreter;
    private final Architecture architecture;
    private final Ptrace ptrace;
    private final ProcessMemory memory;
    private final StopClock clock;
    private final ControlBlock block;
    private final Placement place;
    private final Bystander bystander;
    private final FutexWait futexes;
    private final Whereabouts idle = new Whereabouts();

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
        this.bystander = new Bystander(ptrace, architecture);
        this.futexes = new FutexWait(interpreter.runtime(), memory);
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

    /** Lets a parked thread do the work itself; false where it was parked no longer. */
    boolean borrow(Threads.Parked parked, Command command) throws IOException, RefusedException {
        int tid = parked.tid();
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = look(tid);
            Resumption back = isStill(parked, thread) ? architecture.resumption(thread, parked.blockedIn()) : null;
            return back == null ? leave(tid, thread) : enter(tid, thread, back, command, Route.PARKED_THREAD, 0);
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    /** Lets a running thread queue the work; null where it was at no place to do so. */
    @Nullable
    Route queue(int tid, Threads threads, Command command) throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = look(tid);
            Route route = routeFrom(tid, thread, threads);
            Resumption back = route == null ? null : architecture.resumption(thread, memory);
            if (route == null || back == null || back.restart() != Restart.NONE) {
                idle.add(thread.programCounter());
                boolean _ = leave(tid, thread);
                return null;
            }
            return enter(tid, thread, back, command, route, 0) ? route : null;
        } catch (LinuxException e) {
            boolean _ = onlyThisThreadGone(e);
            return null;
        }
    }

    /** Where threads were met that {@link #queue} could do nothing with. */
    Whereabouts idle() {
        return idle;
    }

    /** Asks a running thread to run a script; false where that cannot be done at this moment. It may be anywhere: nothing is called. */
    boolean invite(int tid, RemoteDebugging remote, long state, AddressSpace space, String script)
            throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            StoppedThread thread = look(tid);
            boolean mayAsk = space.hasStack(thread.stackPointer(), STACK_NEEDED_TO_PARSE)
                    && outsideRestartableSequence(tid)
                    && remote.confirms(state, tid)
                    && !remote.isRequested(state);
            Resumption back = mayAsk ? architecture.resumption(thread, memory) : null;
            if (back == null || architecture.vectorBytes(ptrace, tid) < 0) {
                return leave(tid, thread);
            }
            remote.request(state, script);
            return enter(tid, thread, back, Command.LOOK, Route.REMOTE_DEBUGGING, remote.breaker(state));
        } catch (LinuxException e) {
            return onlyThisThreadGone(e);
        }
    }

    /** True where the thread will not run the script any more. One that is blocked is not disturbed for that. */
    boolean takeBack(int tid, RemoteDebugging remote, long state) throws IOException, RefusedException {
        if (isBlocked(tid)) {
            return false;
        }
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            if (remote.confirms(state, tid)) {
                remote.takeBack(state);
            }
            return true;
        } catch (LinuxException e) {
            return !onlyThisThreadGone(e);
        }
    }

    /**
     * Queueing takes a lock of the queue and, where any thread may make the call, that of the list of threads. A thread in the evaluation
     * loop holds neither. Nor does one in a library other than the interpreter's and the C library's hold the first; the second it may,
     * if that library is what the interpreter allocates with; the same is true behind a system call for files, which neither a lock nor
     * an allocator makes. A thread in these may also be in a restartable sequence (rseq(2)), which the kernel must see the end of, or in
     * a signal handler amid anything. The main thread must be running, or it would not make the call.
     */
    private @Nullable Route routeFrom(int tid, StoppedThread thread, Threads threads) throws IOException {
        long at = thread.programCounter();
        if (!threads.space().hasStack(thread.stackPointer(), STACK_NEEDED)) {
            return null;
        }
        if (interpreter.evaluates(at)) {
            return Route.PENDING_CALL;
        }
        boolean mayCall = isBehindFileCall(tid, thread)
                || (threads.others().contains(interpreter.pid())
                        && threads.space().isForeign(at));
        return mayCall && outsideRestartableSequence(tid) && outsideHandlers(tid, threads)
                ? Route.MAIN_PENDING_CALL
                : null;
    }

    /** Of the main thread, which comes to the evaluation loop next. */
    private boolean isBehindFileCall(int tid, StoppedThread thread) throws IOException {
        return tid == interpreter.pid()
                && architecture.isFileCall(thread.systemCall())
                && architecture.afterSystemCall(thread, memory);
    }

    /** A signal is blocked while its handler runs. */
    private boolean outsideHandlers(int tid, Threads threads) throws LinuxException {
        return (ptrace.signalMask(tid) & threads.handledSignals()) == 0;
    }

    /** A thread may have ended its wait meanwhile, and begun another of the same kind for something else. */
    private boolean isStill(Threads.Parked parked, StoppedThread thread) {
        ThreadSyscall call = parked.blockedIn();
        return thread.stackPointer() == call.stackPointer()
                && (parked.call() != ParkedCall.FUTEX_WAIT || futexes.isForOthers(call.first()));
    }

    private boolean outsideRestartableSequence(int tid) throws IOException {
        long area = ptrace.rseq(tid);
        return area == 0 || memory.word(area + RSEQ_CS) == 0;
    }

    /**
     * The thread is on its way only with the change of the registers; the mask follows, since the routine sets it anyway. False where the
     * thread has something that the routine could not give back.
     */
    private boolean enter(int tid, StoppedThread thread, Resumption back, Command command, Route route, long about)
            throws IOException {
        int vectorBytes = architecture.vectorBytes(ptrace, tid);
        if (vectorBytes < 0) {
            return leave(tid, thread);
        }
        long mask = ptrace.signalMask(tid);
        byte[] registers = architecture.entering(thread, place.address());
        block.prepare(tid, command, route, about, back, mask, vectorBytes);
        place.visitedBy(tid);
        if (route.isPendingCall()) {
            place.keep();
        }
        ptrace.setRegisters(tid, Ptrace.NT_PRSTATUS, registers);
        ptrace.setSignalMask(tid, mask | BlockedSignals.MASK);
        return true;
    }

    private boolean isBlocked(int tid) {
        try {
            return ThreadSyscall.read(interpreter.pid(), tid) != null;
        } catch (IOException _) {
            return false; // ended
        }
    }

    private StoppedThread look(int tid) throws LinuxException {
        return bystander.look(tid);
    }

    private boolean leave(int tid, StoppedThread thread) throws IOException {
        bystander.leave(tid, thread);
        return false;
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
            return place.holds(look(tid).programCounter());
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
