package io.perfagent.activity;

import io.perfagent.activity.x86_64.SystemCallNames;
import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Location;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WaitCauses;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What threads wait for, by their system calls and by where they are in the kernel; never by names of theirs. */
public final class WaitCause implements WaitCauses {
    private static final Set<String> SLEEPS =
            Set.of("nanosleep", "clock_nanosleep", "pause", "rt_sigtimedwait", "rt_sigsuspend");

    private static final Set<String> LOCKS =
            Set.of("futex", "futex_wait", "futex_waitv", "flock", "fcntl", "semop", "semtimedop");

    private static final Set<String> SELECTS = Set.of("select", "pselect6");
    private static final Set<String> POLLS_OF_SOME = Set.of("poll", "ppoll");
    private static final Set<String> POLLS =
            Set.of("poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_pwait2", "io_getevents", "io_pgetevents");

    /** Besides those of data. */
    private static final Set<String> INPUT_AND_OUTPUT = Set.of(
            "sendfile",
            "tee",
            "vmsplice",
            "copy_file_range",
            "sync",
            "msync",
            "mq_timedsend",
            "mq_timedreceive",
            "msgsnd",
            "msgrcv");

    /** Functions of the kernel in which a thread waits for nothing but a device. */
    private static final Set<String> DEVICE = Set.of("io_schedule", "io_schedule_timeout", "blk_mq_get_tag");

    /** Functions of CPython that wait for its lock and for nothing else (Python/ceval_gil.c, pystate.c). */
    private static final Set<String> TAKES_GIL = Set.of(
            "take_gil",
            "drop_gil",
            "PyEval_RestoreThread",
            "PyEval_AcquireThread",
            "PyEval_AcquireLock",
            "_PyEval_AcquireLock",
            "_PyThreadState_Attach");

    /** Functions of glibc, and wrappers of CPython's, by which it does. */
    private static final Set<String> WAITS_FOR_OTHERS = Set.of(
            "__futex_abstimed_wait_common",
            "__futex_abstimed_wait_common64",
            "__futex_abstimed_wait_cancelable64",
            "__GI___futex_abstimed_wait_cancelable64",
            "futex_abstimed_wait_cancelable",
            "futex_wait",
            "__lll_lock_wait",
            "__GI___lll_lock_wait",
            "lll_mutex_lock_optimized",
            "__pthread_cond_wait",
            "__pthread_mutex_cond_lock",
            "__pthread_cond_wait_common",
            "__pthread_cond_timedwait64",
            "___pthread_cond_timedwait64",
            "___pthread_cond_wait",
            "__pthread_cond_clockwait64",
            "pthread_cond_timedwait@@GLIBC_2.3.2",
            "pthread_cond_wait@@GLIBC_2.3.2",
            "pthread_cond_timedwait",
            "pthread_cond_wait",
            "___pthread_mutex_lock",
            "pthread_mutex_lock",
            "PyCOND_TIMEDWAIT",
            "PyCOND_WAIT");

    /** Where calls go on that a stop has interrupted: as restart_syscall. */
    private static final Set<String> SLEEP_AGAIN =
            Set.of("hrtimer_nanosleep_restart", "hrtimer_nanosleep", "alarm_timer_nsleep_restart");

    private static final Set<String> POLL_AGAIN = Set.of("do_restart_poll");

    private static final Set<String> FAULT = Set.of("exc_page_fault", "asm_exc_page_fault");

    /** Likewise for another thread that has a lock. */
    private static final Set<String> KERNEL_LOCK = Set.of(
            "rwsem_down_read_slowpath",
            "rwsem_down_write_slowpath",
            "__mutex_lock_slowpath",
            "__mutex_lock",
            "percpu_rwsem_wait",
            "futex_wait_restart",
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
        if (SystemCalls.OF_DATA.contains(name) || INPUT_AND_OUTPUT.contains(name)) {
            return ThreadState.IO;
        }
        return LOCKS.contains(name) ? ThreadState.LOCK : ThreadState.OTHER;
    }

    @Override
    public Descriptor descriptor(int call, Descriptor argument) {
        String name = SystemCallNames.of(call);
        return SystemCalls.FOR_ONE.contains(name) || POLLS_OF_SOME.contains(name) ? argument : Descriptor.NONE;
    }

    @Override
    public ThreadState refined(ThreadState state, List<Location> stack) {
        return switch (state) {
            case RUNNING, RUNQUEUE, STOPPED, SLEEP, POLL, GIL -> state;
            case LOCK -> takesGil(stack) ? ThreadState.GIL : byKernel(state, stack);
            case IO, PAGE_FAULT, OTHER -> byKernel(state, stack);
        };
    }

    private static ThreadState byKernel(ThreadState state, List<Location> stack) {
        if (stands(stack, SLEEP_AGAIN)) {
            return ThreadState.SLEEP;
        }
        if (stands(stack, POLL_AGAIN)) {
            return ThreadState.POLL;
        }
        if (stands(stack, FAULT)) {
            return ThreadState.PAGE_FAULT;
        }
        if (stands(stack, DEVICE)) {
            return ThreadState.IO;
        }
        return stands(stack, KERNEL_LOCK) ? ThreadState.LOCK : state;
    }

    private static boolean stands(List<Location> stack, Set<String> functions) {
        return functions(stack.stream().takeWhile(Location::isInKernel)).anyMatch(functions::contains);
    }

    /** Whether what waits is CPython's taking of its lock, and not code that it calls: below it there is but libc, and what has no name. */
    private static boolean takesGil(List<Location> stack) {
        return functions(stack.stream().filter(location -> !location.isInKernel() && !isUnnamed(location)))
                .dropWhile(WAITS_FOR_OTHERS::contains)
                .limit(1)
                .anyMatch(TAKES_GIL::contains);
    }

    private static boolean isUnnamed(Location location) {
        return location.kind() == Location.Kind.UNNAMED;
    }

    private static Stream<String> functions(Stream<Location> locations) {
        return locations.flatMap(location -> location.calls().stream()).map(Call::function);
    }
}
