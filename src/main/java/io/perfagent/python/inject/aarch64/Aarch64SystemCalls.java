package io.perfagent.python.inject.aarch64;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.Restart;
import org.jspecify.annotations.Nullable;

/**
 * System calls by their number (include/uapi/asm-generic/unistd.h), and how each goes on when it is interrupted. The kernel does not
 * tell a tracer that here, see {@link Aarch64Architecture}. A sleep of relative length is left alone, since it would begin anew: only the
 * kernel's own restart knows the rest of it, and rt_sigreturn, by which the routine leaves, cancels that.
 */
final class Aarch64SystemCalls {
    static final int READ = 63;

    private static final int FUTEX_COMMAND_MASK = 0x7f;
    private static final int FUTEX_WAIT_BITSET = 9;
    private static final long TIMER_ABSTIME = 1;

    private Aarch64SystemCalls() {}

    static @Nullable ParkedCall parked(ThreadSyscall call) {
        return switch ((int) call.number()) {
            case 115 -> (call.second() & TIMER_ABSTIME) != 0 ? ParkedCall.SLEEP : null; // clock_nanosleep
            case 98 -> waitsForEvent(call) ? ParkedCall.FUTEX_WAIT : null; // futex
            case 202, 242 -> ParkedCall.ACCEPT; // accept, accept4
            case 207, 212, 243 -> ParkedCall.RECEIVE; // recvfrom, recvmsg, recvmmsg
            case READ -> ParkedCall.READ;
            case 260, 95 -> ParkedCall.CHILD_WAIT; // wait4, waitid
            case 137 -> ParkedCall.SIGNAL_WAIT; // rt_sigtimedwait
            case 72, 73 -> ParkedCall.SELECT; // pselect6, ppoll
            case 22, 441 -> ParkedCall.EPOLL; // epoll_pwait, epoll_pwait2
            default -> null;
        };
    }

    /**
     * What becomes of a parked call that the kernel means to enter again; null where it would have ended it with EINTR.
     *
     * @param timed whether it has a deadline, of those that may have none
     */
    static @Nullable Restart restart(ParkedCall call, boolean timed) {
        return switch (call) {
            case ACCEPT, RECEIVE, READ, CHILD_WAIT -> Restart.UNLESS_HANDLER_DECLINES; // ERESTARTSYS
            case SLEEP, SELECT -> Restart.UNLESS_HANDLED; // ERESTARTNOHAND
            case FUTEX_WAIT ->
                timed ? Restart.UNLESS_HANDLED : Restart.UNLESS_HANDLER_DECLINES; // …_RESTARTBLOCK, else …SYS
            case SIGNAL_WAIT, EPOLL -> null;
        };
    }

    /**
     * The kernel ends some calls with EINTR at any stop, even where no handler runs (signal(7)). Entered again they wait as before, for
     * as long as they were asked to: exactly right without a time limit. One of epoll_pwait counts from the start and is left to the
     * caller, for CPython knows how much of it is left.
     *
     * @param limit the fourth argument
     */
    static boolean waitsAnew(long number, long limit) {
        return switch ((int) number) {
            case READ, 202, 242, 207, 212, 243, 137 -> true; // accept, accept4, recv…, rt_sigtimedwait
            case 22 -> (int) limit < 0; // epoll_pwait
            case 441 -> limit == 0; // epoll_pwait2: NULL
            default -> false;
        };
    }

    /** Its deadline is a point in time: to enter it again from the start is to go on. */
    private static boolean waitsForEvent(ThreadSyscall futex) {
        return (futex.second() & FUTEX_COMMAND_MASK) == FUTEX_WAIT_BITSET;
    }
}
