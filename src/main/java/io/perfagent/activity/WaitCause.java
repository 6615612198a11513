package io.perfagent.activity;

import io.perfagent.activity.x86_64.SystemCallNames;
import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WaitCauses;
import java.util.List;
import java.util.Set;

/** What threads wait for, by their system calls and by where they are in the kernel; never by names of theirs. */
public final class WaitCause implements WaitCauses {
    private static final Set<String> SLEEPS =
            Set.of("nanosleep", "clock_nanosleep", "pause", "rt_sigtimedwait", "rt_sigsuspend");

    private static final Set<String> LOCKS =
            Set.of("futex", "futex_wait", "futex_waitv", "flock", "fcntl", "semop", "semtimedop");

    private static final Set<String> SELECTS = Set.of("select", "pselect6");
    private static final Set<String> POLLS =
            Set.of("poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_pwait2", "io_getevents", "io_pgetevents");

    private static final Set<String> INPUT_AND_OUTPUT = Set.of(
            "read",
            "write",
            "pread64",
            "pwrite64",
            "readv",
            "writev",
            "preadv",
            "pwritev",
            "preadv2",
            "pwritev2",
            "recvfrom",
            "recvmsg",
            "recvmmsg",
            "sendto",
            "sendmsg",
            "sendmmsg",
            "accept",
            "accept4",
            "connect",
            "sendfile",
            "splice",
            "tee",
            "vmsplice",
            "copy_file_range",
            "fsync",
            "fdatasync",
            "sync",
            "syncfs",
            "sync_file_range",
            "msync",
            "mq_timedsend",
            "mq_timedreceive",
            "msgsnd",
            "msgrcv",
            "io_uring_enter");

    /** Functions of the kernel in which a thread waits for nothing but a device. */
    private static final Set<String> DEVICE = Set.of("io_schedule", "io_schedule_timeout", "blk_mq_get_tag");

    private static final Set<String> FAULT = Set.of("exc_page_fault", "asm_exc_page_fault");

    /** Likewise for another thread that has a lock of the kernel. */
    private static final Set<String> KERNEL_LOCK = Set.of(
            "rwsem_down_read_slowpath",
            "rwsem_down_write_slowpath",
            "__mutex_lock_slowpath",
            "__mutex_lock",
            "percpu_rwsem_wait",
            "__down_common");

    @Override
    public ThreadState of(Activity activity, int call, long argument) {
        return switch (activity) {
            case RUNNING -> ThreadState.RUNNING;
            case RUNNABLE -> ThreadState.RUNQUEUE;
            case STOPPED, TRACED -> ThreadState.STOPPED;
            case SLEEPING, UNINTERRUPTIBLE, ENDING -> call < 0 ? ThreadState.OTHER : ofCall(call, argument);
        };
    }

    private static ThreadState ofCall(int call, long argument) {
        String name = SystemCallNames.of(call);
        if (SLEEPS.contains(name)
                || (SELECTS.contains(name) && (int) argument == 0)) { // of no descriptor: for its time only
            return ThreadState.SLEEP;
        }
        if (SELECTS.contains(name) || POLLS.contains(name)) {
            return ThreadState.POLL;
        }
        if (INPUT_AND_OUTPUT.contains(name)) {
            return ThreadState.IO;
        }
        return LOCKS.contains(name) ? ThreadState.LOCK : ThreadState.OTHER;
    }

    @Override
    public ThreadState refined(ThreadState state, List<Location> kernel) {
        return switch (state) {
            case RUNNING, RUNQUEUE, STOPPED, SLEEP, POLL -> state;
            case LOCK, IO, PAGE_FAULT, OTHER -> {
                if (stands(kernel, FAULT)) {
                    yield ThreadState.PAGE_FAULT;
                }
                if (stands(kernel, DEVICE)) {
                    yield ThreadState.IO;
                }
                yield stands(kernel, KERNEL_LOCK) ? ThreadState.LOCK : state;
            }
        };
    }

    private static boolean stands(List<Location> kernel, Set<String> functions) {
        return kernel.stream()
                .flatMap(location -> location.calls().stream())
                .map(Call::function)
                .anyMatch(functions::contains);
    }
}
