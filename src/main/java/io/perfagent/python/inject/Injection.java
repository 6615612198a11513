package io.perfagent.python.inject;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessLock;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of the routine, for one process. A thread is stopped only to be sent into the routine and is let go at once;
 * the answer is then read from the target's memory while the target runs:
 *
 * <pre>
 *   agent                                          target
 *   write code, read back
 *   stop one thread at a safe place ────────────→  stopped
 *   write control block (PREPARED)
 *   SETREGSET: pc = routine, SETSIGMASK, DETACH ─→ saves everything, ENTERED
 *   read block … read block                        takes the GIL, works, gives it back, DONE
 *                                                  restores everything, goes on
 * </pre>
 *
 * If the agent dies before SETREGSET nothing has happened; after it, the target does the rest alone.
 */
public final class Injection implements AutoCloseable {
    /** So long a safe place is waited for before a thread is asked to make one. */
    private static final long INVITE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** So long a thread in another call than epoll_wait or the like is waited for. */
    private static final long PATIENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    /**
     * What the routine found and did.
     *
     * @param before evaluation function when it came
     * @param after evaluation function when it left
     */
    public record Answer(Route route, long before, long after) {
        private Answer through(Route other) {
            return new Answer(other, before, after);
        }
    }

    private final Interpreter interpreter;
    private final Architecture architecture;
    private final StopClock clock;
    private final ProcessLock lock;
    private final Ptrace ptrace;
    private final ProcessMemory memory;
    private final SeccompGate seccomp;
    /** Threads that were borrowed in vain. */
    private final Set<Integer> unfit = new HashSet<>();

    private @Nullable ControlBlock block;

    private Injection(Interpreter interpreter, Architecture architecture, StopClock clock, ProcessLock lock)
            throws IOException {
        this.interpreter = interpreter;
        this.architecture = architecture;
        this.clock = clock;
        this.lock = lock;
        this.memory = ProcessMemory.open(interpreter.pid());
        this.ptrace = new Ptrace();
        this.seccomp = new SeccompGate(interpreter.pid(), architecture, ptrace, clock);
    }

    /** To be called, used and closed on one platform thread. */
    public static Injection open(Interpreter interpreter, Architecture architecture, StopClock clock)
            throws IOException, RefusedException {
        Injection injection = locked(interpreter, architecture, clock);
        try {
            injection.refuseAnotherProgram();
            return injection;
        } catch (IOException | RefusedException | RuntimeException e) {
            injection.close();
            throw e;
        }
    }

    private static Injection locked(Interpreter interpreter, Architecture architecture, StopClock clock)
            throws IOException, RefusedException {
        ProcessLock lock = lock(interpreter.pid());
        try {
            return new Injection(interpreter, architecture, clock, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Refuses what the target's seccomp filters would not let it do. Writes nothing. */
    public void requireAllowed(Command command) throws IOException, RefusedException {
        refuseStopped();
        seccomp.pass(command);
    }

    /** The evaluation function that an activation of this process, or of the parent it was forked from, found; 0 for none. */
    public long evaluatorOnRecord() throws IOException, RefusedException {
        return block().evaluator();
    }

    /** Whether the record is a copy that fork made of the parent's. */
    public boolean inherited() throws IOException, RefusedException {
        return !block().ownedBy(interpreter.startTime());
    }

    /** Whether the map is open only while a line is written, see {@link MapGuard}. */
    public boolean mapGuarded() throws IOException {
        MapGuard guard = mapGuard();
        return guard != null && guard.installed();
    }

    /** To be called before the trampoline is set up: what the routine is to find and close once the interpreter has opened it. */
    public void nameMap() throws IOException, RefusedException {
        int pid = ProcStatus.read(interpreter.pid()).innermostPid(interpreter.pid());
        block().mapClosed(false);
        block().mapPath("/tmp/perf-" + pid + ".map");
    }

    /** What the program has set up by itself since is open, whatever was closed before. */
    public void forgetMap() throws IOException, RefusedException {
        if (!mapGuarded()) {
            block().mapClosed(false);
        }
    }

    /**
     * Sees to it that the map will be open only while a line is written, and that the next activation closes it where it is open now. To
     * be called while the trampoline is off.
     *
     * @param fresh whether the trampoline has just been set up: then the map has just been opened
     */
    public void guardMap(boolean fresh) throws IOException, RefusedException {
        MapGuard guard = mapGuard();
        if (guard == null) {
            throw new RefusedException(
                    InjectRefusal.UNSUPPORTED, "it is not found by what the interpreter writes its map");
        }
        boolean installed = guard.installed();
        OpenMap map = installed && block().mapClosed() ? null : OpenMap.find(interpreter.pid());
        if (map != null) {
            block().mapClosed(false);
            block().closeFirst(map);
        } else if (!block().mapClosed()) {
            throw fresh ? notOpened() : mapElsewhere();
        }
        if (!installed) {
            guard.install();
        }
    }

    private static RefusedException notOpened() {
        return new RefusedException(
                InjectRefusal.MAP_UNWRITABLE,
                "the interpreter did not open its map, as where it has no descriptor left");
    }

    private static RefusedException mapElsewhere() {
        return new RefusedException(
                InjectRefusal.MAP_DESCRIPTOR,
                "the interpreter has its map open, and its descriptor was closed or leads elsewhere by now");
    }

    private @Nullable MapGuard mapGuard() throws IOException {
        return MapGuard.of(interpreter, architecture, memory, ProcMaps.read(interpreter.pid()));
    }

    /** Only looks. In a child, a run that was under way in the parent is not under way. */
    public Answer look() throws IOException, RefusedException {
        if (inherited()) {
            block().state(RunState.IDLE);
        }
        return run(Command.LOOK);
    }

    /** Makes an inherited record this process's own. */
    public void adopt(boolean keepEvaluator) throws IOException, RefusedException {
        block().adopt(interpreter.startTime(), keepEvaluator);
    }

    /** Carries out one command at a safe moment. */
    public Answer run(Command command) throws IOException, RefusedException {
        requireAllowed(command);
        ControlBlock control = block();
        byte[] code = architecture.routine(interpreter.calls(), control.address());
        Placement place = Placement.of(interpreter, memory, code);
        Entrance entrance = new Entrance(interpreter, architecture, ptrace, memory, clock, control, place);
        Rehearsal.perform(interpreter, architecture, ptrace, place);
        clock.awaitCalm();
        entrance.awaitPredecessor();
        place.install();
        try {
            return attempts(entrance, command);
        } finally {
            place.remove();
        }
    }

    @Override
    public void close() throws IOException {
        try (lock;
                ptrace;
                memory) {
            unfit.clear();
        }
    }

    private static ProcessLock lock(int pid) throws LinuxException, RefusedException {
        try {
            return ProcessLock.take(pid);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EAGAIN) {
                throw new RefusedException(InjectRefusal.BUSY, "another run is switching this process");
            }
            throw e;
        }
    }

    private ControlBlock block() throws IOException, RefusedException {
        if (block == null) {
            Padding padding = new Padding(interpreter, memory, ProcMaps.read(interpreter.pid()));
            long at = padding.controlBlock();
            block = new ControlBlock(memory, at);
            if (!padding.hasMagic(at)) {
                block.create(interpreter.startTime());
            }
        }
        return block;
    }

    /**
     * The memory that is open now belongs to one program for good, and stops to answer at the next execve. That it is the program in
     * which the interpreter was found, and not the one after it, with everything at other addresses, is seen by the mapping.
     */
    private void refuseAnotherProgram() throws IOException, RefusedException {
        if (!ProcMaps.read(interpreter.pid()).contains(interpreter.file())) {
            throw new RefusedException(InjectRefusal.PROCESS_GONE, "the process runs another program by now");
        }
    }

    /** A process that a signal has stopped runs nothing until another one lets it go on. */
    private void refuseStopped() throws IOException, RefusedException {
        if (ProcStat.read(interpreter.pid()).state() == 'T') {
            throw new RefusedException(InjectRefusal.STOPPED, "the process is stopped by a signal");
        }
    }

    private Answer attempts(Entrance entrance, Command command) throws IOException, RefusedException {
        long start = System.nanoTime();
        long pause = MIN_PAUSE_NANOS;
        @Nullable Invitation invitation = null;
        try {
            while (System.nanoTime() - start < clock.patienceNanos()) {
                Answer answer = attempt(entrance, command, System.nanoTime() - start < PATIENT_NANOS);
                if (answer != null) {
                    return invitation == null ? answer : answer.through(Route.REMOTE_DEBUGGING);
                }
                if (invitation == null && System.nanoTime() - start > INVITE_NANOS) {
                    invitation = invite(entrance);
                }
                LockSupport.parkNanos(pause);
                pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
            }
            String met = entrance.idle().in(ProcMaps.read(interpreter.pid()));
            throw new RefusedException(InjectRefusal.TIMEOUT, "no safe moment within " + clock.patience() + ": " + met);
        } finally {
            if (invitation != null) {
                invitation.close();
            }
        }
    }

    private @Nullable Invitation invite(Entrance entrance) throws IOException, RefusedException {
        Threads threads = Threads.of(interpreter, architecture, memory, true);
        Invitation invitation = Invitation.send(interpreter, architecture, memory, entrance, threads);
        try {
            if (invitation != null) {
                awaitDone(Command.LOOK);
            }
            return invitation;
        } catch (IOException | RefusedException e) {
            invitation.close();
            throw e;
        }
    }

    private @Nullable Answer attempt(Entrance entrance, Command command, boolean patient)
            throws IOException, RefusedException {
        Threads threads = Threads.of(interpreter, architecture, memory, patient);
        for (Threads.Parked parked : threads.parked()) {
            if (!unfit.contains(parked.tid()) && entrance.borrow(parked, command)) {
                Answer answer = answer(Route.PARKED_THREAD, command, parked.tid());
                if (answer != null) {
                    return answer;
                }
            }
        }
        for (int tid : threads.others()) {
            Route route = entrance.queue(tid, threads, command);
            Answer answer = route == null ? null : answer(route, command, tid);
            if (answer != null) {
                return answer;
            }
        }
        return null;
    }

    /** Null where another thread or another moment is to be tried. */
    private @Nullable Answer answer(Route route, Command command, int tid) throws IOException, RefusedException {
        awaitDone(command);
        ControlBlock control = block();
        return switch (control.result()) {
            case COMPLETED -> new Answer(route, control.before(), control.after());
            case HOLDS_GIL, OTHER_INTERPRETER -> {
                unfit.add(tid);
                yield null;
            }
            case NO_EXECUTABLE_MEMORY ->
                throw new RefusedException(
                        InjectRefusal.NO_EXECUTABLE_MEMORY,
                        "the kernel makes no memory of this process executable (PR_SET_MDWE), as with systemd's"
                                + " MemoryDenyWriteExecute");
            case MAP_ELSEWHERE -> throw mapElsewhere();
            case UNDECODABLE_NAMES ->
                throw NamesInUtf8.refused(interpreter, "a path in sys.path, of a module or in the command line");
            case QUEUE_FULL -> null;
            case NOT_INITIALIZED ->
                throw new RefusedException(InjectRefusal.NOT_INITIALIZED, "the interpreter has not come up yet");
            case FINALIZING -> throw new RefusedException(InjectRefusal.FINALIZING, "the interpreter is shutting down");
            case NONE -> throw new RefusedException(InjectRefusal.FAILED, "the routine left no result");
        };
    }

    private void awaitDone(Command command) throws IOException, RefusedException {
        long deadline = System.nanoTime() + clock.patienceNanos();
        long pause = MIN_PAUSE_NANOS;
        while (block().state() != RunState.DONE) {
            if (System.nanoTime() > deadline) {
                giveUp(command);
                return;
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
        }
    }

    /** An activation becomes a mere look, lest it come about when nobody expects it any more; a deactivation may come late. */
    private void giveUp(Command command) throws IOException, RefusedException {
        if (command == Command.ACTIVATE) {
            block().command(Command.LOOK);
        }
        if (block().state() != RunState.DONE) {
            throw new RefusedException(
                    InjectRefusal.TIMEOUT,
                    "no answer within " + clock.patience() + ": the GIL is held, or the main thread is elsewhere");
        }
    }
}
