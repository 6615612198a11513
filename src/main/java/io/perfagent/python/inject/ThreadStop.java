package io.perfagent.python.inject;

import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Ptrace;
import io.perfagent.linux.Scheduling;
import io.perfagent.linux.WaitStatus;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread, stopped while this is open (ptrace(2), "Attaching and detaching"):
 *
 * <pre>
 *   open:   SEIZE, INTERRUPT, wait ─┬─ the stop asked for ─→ stopped
 *                                   ├─ a signal: CONT with it, wait again
 *                                   ├─ group-stop: the whole process is stopped, refused
 *                                   └─ gone, or the deadline: refused
 *   close:  DETACH
 * </pre>
 *
 * A thread that does not stop in time stays seized until the tracing thread ends, which is soon: the kernel detaches it then.
 */
final class ThreadStop implements AutoCloseable {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(30);
    private static final long PARK_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final Ptrace ptrace;
    private final int tid;
    private final StopClock clock;
    private long stoppedAt;

    private ThreadStop(Ptrace ptrace, int tid, StopClock clock) {
        this.ptrace = ptrace;
        this.tid = tid;
        this.clock = clock;
    }

    /** ESRCH: the thread is gone; EPERM: not allowed, or another tracer has it. */
    static ThreadStop of(Ptrace ptrace, int tid, StopClock clock) throws LinuxException, RefusedException {
        ThreadStop stop = new ThreadStop(ptrace, tid, clock);
        HeapRoom.OF_PROCESS.beginStop();
        Scheduling.preferAboveAll();
        try {
            ptrace.seize(tid);
            ptrace.interrupt(tid);
            stop.await();
            return stop;
        } catch (LinuxException | RefusedException | RuntimeException e) {
            end();
            throw e;
        }
    }

    @Override
    public void close() throws LinuxException {
        try {
            detach();
        } finally {
            clock.add(System.nanoTime() - stoppedAt);
            end();
        }
    }

    private void detach() throws LinuxException {
        try {
            ptrace.detach(tid, 0);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }

    private static void end() {
        Scheduling.preferNoLonger();
        HeapRoom.OF_PROCESS.endStop();
    }

    private void await() throws LinuxException, RefusedException {
        long start = System.nanoTime();
        long lookedAt = start;
        while (true) {
            stoppedAt = lookedAt; // it ran when last looked at: rather count too much than too little
            lookedAt = System.nanoTime();
            switch (ptrace.poll(tid)) {
                case WaitStatus.Running _ -> pause(lookedAt - start);
                case WaitStatus.Ended _ -> throw new LinuxException("stop of thread " + tid, Errno.ESRCH.number());
                case WaitStatus.Stopped stopped -> {
                    if (isOurs(stopped)) {
                        return;
                    }
                }
            }
        }
    }

    private boolean isOurs(WaitStatus.Stopped stopped) throws LinuxException, RefusedException {
        if (stopped.groupStop()) {
            detach();
            throw new RefusedException(InjectRefusal.STOPPED, "stopped by signal " + stopped.signal());
        }
        if (!stopped.interrupted()) {
            ptrace.resume(tid, stopped.event() == 0 ? stopped.signal() : 0);
        }
        return stopped.interrupted();
    }

    private void pause(long waited) throws RefusedException {
        if (waited > DEADLINE_NANOS) {
            throw new RefusedException(InjectRefusal.TIMEOUT, "thread " + tid + " does not stop");
        }
        if (waited < SPIN_NANOS) {
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(PARK_NANOS);
        }
    }
}
