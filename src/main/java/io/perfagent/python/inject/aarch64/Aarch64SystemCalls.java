package io.perfagent.python.inject.aarch64;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.NeededCall;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.SystemCalls;
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

    static final SystemCalls NEEDED = new SystemCalls(0xc000_00b7, 0x8000, Aarch64SystemCalls::number);

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

    static boolean isForFiles(long number) {
        return switch ((int) number) {
            case 56, 57, 62, READ, 64, 65, 66, 67, 68 ->
                true; // openat, close, lseek, read, write, readv, writev, pread64, pwrite64
            case 48, 61, 78, 79, 80, 291, 439 ->
                true; // faccessat, getdents64, readlinkat, newfstatat, fstat, statx, faccessat2
            default -> false;
        };
    }

    /** Its deadline is a point in time: to enter it again from the start is to go on. */
    private static boolean waitsForEvent(ThreadSyscall futex) {
        return (futex.second() & FUTEX_COMMAND_MASK) == FUTEX_WAIT_BITSET;
    }

    private static int number(NeededCall call) {
        return switch (call) {
            case SET_SIGNAL_MASK -> 135; // rt_sigprocmask
            case PENDING_SIGNALS -> 136; // rt_sigpending
            case SIGNAL_HANDLER -> 134; // rt_sigaction
            case SIGNAL_RETURN -> 139; // rt_sigreturn
            case SIGNAL_STACK -> 132; // sigaltstack
            case RESTART -> 128; // restart_syscall
            case FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_UNTIL -> 98; // futex
            case GET_THREAD -> 178; // gettid
            case GET_AFFINITY -> 123; // sched_getaffinity
            case MEMORY, HEAP, ARENA -> 222; // mmap
            case HEAP_GROWS, ARENA_EXECUTABLE -> 226; // mprotect
            case UNMAP -> 215; // munmap
            case ADVISE -> 233; // madvise
            case BREAK -> 214; // brk
            case EXECUTABLE_DENIED -> 167; // prctl
            case MAP_NAME -> 172; // getpid
            case MAP_OPEN, MAP_READ_IN_CHILD -> 56; // openat
            case MAP_FLAGS -> 25; // fcntl
            case MAP_STATUS -> 80; // fstat
            case MAP_STATUS_AT -> 79; // newfstatat
            case MAP_TERMINAL -> 29; // ioctl
            case MAP_SEEK -> 62; // lseek
            case MAP_READ -> READ; // read
            case MAP_WRITE -> 64; // write
            case MAP_WRITE_WITH_MUSL -> 66; // writev
            case MAP_CLOSE -> 57; // close
            case MAP_OPEN_WITH_MUSL -> -1;
        };
    }
}
