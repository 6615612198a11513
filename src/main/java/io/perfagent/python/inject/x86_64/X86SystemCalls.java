package io.perfagent.python.inject.x86_64;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.NeededCall;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.SystemCalls;
import org.jspecify.annotations.Nullable;

/** Numbers of system calls (arch/x86/entry/syscalls/syscall_64.tbl). */
final class X86SystemCalls {
    static final int RESTART_SYSCALL = 219;
    private static final int FUTEX_COMMAND_MASK = 0x7f;
    private static final int FUTEX_WAIT_BITSET = 9;

    static final SystemCalls NEEDED = new SystemCalls(0xc000_003e, 0x20000, X86SystemCalls::number);

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

    static boolean isForFiles(long number) {
        return switch ((int) number) {
            case 0, 1, 2, 3, 8, 17, 18, 19, 20 ->
                true; // read, write, open, close, lseek, pread64, pwrite64, readv, writev
            case 4, 5, 6, 21, 89 -> true; // stat, fstat, lstat, access, readlink
            case 217, 257, 262, 267, 269, 332, 439 ->
                true; // getdents64, openat, newfstatat, readlinkat, faccessat, statx, faccessat2
            default -> false;
        };
    }

    private static boolean waitsForEvent(ThreadSyscall futex) {
        return (futex.second() & FUTEX_COMMAND_MASK) == FUTEX_WAIT_BITSET;
    }

    private static int number(NeededCall call) {
        return switch (call) {
            case SET_SIGNAL_MASK -> 14; // rt_sigprocmask
            case PENDING_SIGNALS -> 127; // rt_sigpending
            case SIGNAL_HANDLER -> 13; // rt_sigaction
            case RESTART -> RESTART_SYSCALL;
            case FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_UNTIL -> 202; // futex
            case GET_THREAD -> 186; // gettid
            case GET_AFFINITY -> 204; // sched_getaffinity
            case MEMORY, HEAP, ARENA -> 9; // mmap
            case HEAP_GROWS, ARENA_EXECUTABLE -> 10; // mprotect
            case UNMAP -> 11; // munmap
            case ADVISE -> 28; // madvise
            case BREAK -> 12; // brk
            case EXECUTABLE_DENIED -> 157; // prctl
            case MAP_NAME -> 39; // getpid
            case MAP_OPEN, MAP_READ_IN_CHILD -> 257; // openat
            case MAP_OPEN_WITH_MUSL -> 2; // open
            case MAP_FLAGS -> 72; // fcntl
            case MAP_STATUS -> 5; // fstat
            case MAP_STATUS_AT -> 262; // newfstatat
            case MAP_TERMINAL -> 16; // ioctl
            case MAP_SEEK -> 8; // lseek
            case MAP_READ -> 0; // read
            case MAP_WRITE -> 1; // write
            case MAP_WRITE_WITH_MUSL -> 20; // writev
            case MAP_CLOSE -> 3; // close
            case SIGNAL_RETURN, SIGNAL_STACK -> -1; // the routine leaves by a jump
        };
    }
}
