package io.perfagent.python.inject.x86_64;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.ParkedCall;
import org.jspecify.annotations.Nullable;

/** Numbers of system calls (arch/x86/entry/syscalls/syscall_64.tbl). */
final class X86SystemCalls {
    private static final int FUTEX_COMMAND_MASK = 0x7f;
    private static final int FUTEX_WAIT_BITSET = 9;

    private X86SystemCalls() {}

    static @Nullable ParkedCall parked(ThreadSyscall call) {
        return switch ((int) call.number()) {
            case 35, 230 -> ParkedCall.SLEEP; // nanosleep, clock_nanosleep
            case 202 -> waitsForEvent(call) ? ParkedCall.FUTEX_WAIT : null; // futex
            case 43, 288 -> ParkedCall.ACCEPT; // accept, accept4
            case 45, 47, 299 -> ParkedCall.RECEIVE; // recvfrom, recvmsg, recvmmsg
            case 0 -> ParkedCall.READ; // read
            case 61, 247 -> ParkedCall.CHILD_WAIT; // wait4, waitid
            case 128, 34 -> ParkedCall.SIGNAL_WAIT; // rt_sigtimedwait, pause
            case 7, 271, 23, 270 -> ParkedCall.SELECT; // poll, ppoll, select, pselect6
            case 232, 281, 441 -> ParkedCall.EPOLL; // epoll_wait, epoll_pwait, epoll_pwait2
            default -> null;
        };
    }

    private static boolean waitsForEvent(ThreadSyscall futex) {
        return (futex.second() & FUTEX_COMMAND_MASK) == FUTEX_WAIT_BITSET;
    }
}
