package io.perfagent.python.inject;

import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.procfs.SeccompModes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses targets whose seccomp filters do not allow what a command makes them do: a filter may answer a system call by killing the
 * process. Every thread in filter mode is asked, for each of them calls new functions once the trampoline is on. A thread is stopped for
 * as long as its filters are copied; they are run here, over the calls as they would be made.
 */
final class SeccompGate {
    private static final int CAP_SYS_ADMIN = 21;

    /** As many as make the compiler do its work, see {@link Rehearsal}. */
    private static final int REHEARSALS = 220;

    private static boolean rehearsed;

    private final int pid;
    private final Architecture architecture;
    private final Ptrace ptrace;
    private final StopClock clock;
    private final Bystander bystander;
    private final Set<Command> passed = EnumSet.noneOf(Command.class);

    SeccompGate(int pid, Architecture architecture, Ptrace ptrace, StopClock clock) {
        this.pid = pid;
        this.architecture = architecture;
        this.ptrace = ptrace;
        this.clock = clock;
        this.bystander = new Bystander(ptrace, architecture);
    }

    /** Asks once for each command, and not where activation has been allowed: the others make fewer calls. */
    void pass(Command command) throws IOException, RefusedException {
        if (passed.contains(Command.ACTIVATE) || passed.contains(command)) {
            return;
        }
        Map<Integer, Integer> modes = SeccompModes.read(pid);
        if (modes.containsValue(SeccompModes.STRICT)) {
            throw new RefusedException(
                    InjectRefusal.SECCOMP, "it is in seccomp's strict mode, which kills for nearly every call");
        }
        if (!modes.isEmpty()) {
            requireRights();
            rehearse(new SeccompGate(pid, architecture, ptrace, new StopClock()));
            clock.awaitCalm();
            judge(modes.keySet(), NeededCall.of(command));
        }
        passed.add(command);
    }

    /** Asked beforehand: where the filter cannot be read it cannot be known either whether a thread may be stopped in a sleep. */
    private static void requireRights() throws IOException, RefusedException {
        ProcStatus own = ProcStatus.readSelf();
        if ((own.effectiveCapabilities() >>> CAP_SYS_ADMIN & 1) == 0) {
            throw unreadable("that takes CAP_SYS_ADMIN");
        }
        if (own.seccompMode() != 0) {
            throw unreadable("perf-agent is under one itself");
        }
    }

    /** Threads mostly share their filters. */
    private void judge(Set<Integer> tids, List<NeededCall> calls) throws IOException, RefusedException {
        Set<List<ByteBuffer>> judged = new HashSet<>();
        for (int tid : tids) {
            List<ByteBuffer> programs = programs(tid);
            if (judged.add(programs)) {
                new SeccompRules(parsed(programs), architecture.systemCalls()).require(calls);
            }
        }
    }

    /** None where the thread has ended. */
    private List<ByteBuffer> programs(int tid) throws IOException, RefusedException {
        try (ThreadStop _ = ThreadStop.of(ptrace, tid, clock)) {
            return copy(tid);
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case ESRCH -> List.of();
                case EACCES -> throw unreadable("that takes CAP_SYS_ADMIN in the initial user namespace");
                case EPERM -> throw e; // ptrace itself
                default -> throw unreadable("the kernel does not show it (" + e.getMessage() + ")");
            };
        }
    }

    /** A sleep that the stop has interrupted goes on by restart_syscall; where that is not allowed, EINTR is the lesser harm. */
    private List<ByteBuffer> copy(int tid) throws IOException, RefusedException {
        StoppedThread thread = bystander.look(tid);
        byte[] interrupted = architecture.withoutRestart(thread);
        if (interrupted == null) {
            bystander.leave(tid, thread);
            return read(tid);
        }
        boolean allowed = false;
        try {
            List<ByteBuffer> programs = read(tid);
            allowed = new SeccompRules(parsed(programs), architecture.systemCalls()).allow(NeededCall.RESTART);
            return programs;
        } finally {
            if (!allowed) {
                ptrace.setRegisters(tid, Ptrace.NT_PRSTATUS, interrupted);
            }
        }
    }

    private List<ByteBuffer> read(int tid) throws LinuxException {
        List<ByteBuffer> programs = new ArrayList<>();
        for (byte[] next = ptrace.seccompFilter(tid, 0);
                next != null;
                next = ptrace.seccompFilter(tid, programs.size())) {
            programs.add(ByteBuffer.wrap(next));
        }
        return programs;
    }

    private static List<SeccompFilter> parsed(List<ByteBuffer> programs) throws RefusedException {
        try {
            return programs.stream().map(SeccompFilter::parse).toList();
        } catch (IllegalArgumentException e) {
            throw unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static RefusedException unreadable(String why) {
        return new RefusedException(InjectRefusal.SECCOMP, "its seccomp filter cannot be read: " + why);
    }

    /** What a stopped thread would wait for is gone through with one that does not exist, and with a filter of some length. */
    private static synchronized void rehearse(SeccompGate gate) throws IOException, RefusedException {
        if (rehearsed) {
            return;
        }
        List<ByteBuffer> programs = List.of(SeccompFilter.allowing(REHEARSALS));
        for (int time = 0; time < REHEARSALS; time++) {
            gate.programs(Ptrace.NOBODY);
            new SeccompRules(parsed(programs), gate.architecture.systemCalls()).allow(NeededCall.RESTART);
        }
        rehearsed = true;
    }
}
