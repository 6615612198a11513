package io.perfagent.dump;

import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.x86_64.SystemCallNames;
import io.perfagent.model.Activity;
import io.perfagent.model.KernelCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a thread does, for people. */
public final class ThreadActivity {
    /** {@code __state} of include/linux/sched.h. */
    private static final int TASK_INTERRUPTIBLE = 0x01;

    private static final int TASK_UNINTERRUPTIBLE = 0x02;
    private static final int TASK_STOPPED = 0x04;
    private static final int TASK_TRACED = 0x08;
    private static final int TASK_DEAD = 0x80;

    private static final int FIRST_ARGUMENT = 5; // rdi

    /** Those whose first argument is a descriptor, as far as they may wait long. */
    private static final Set<String> OF_DESCRIPTOR = Set.of(
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
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
            "ioctl",
            "flock",
            "fcntl",
            "fsync",
            "fdatasync",
            "ftruncate",
            "fallocate",
            "getdents64",
            "io_uring_enter",
            "close",
            "fstat",
            "splice",
            "sync_file_range",
            "syncfs");

    private static final Set<String> OF_ADDRESS = Set.of("futex", "futex_wait");

    private static final Set<String> OF_PROCESS = Set.of("wait4");

    private ThreadActivity() {}

    /** What the scheduler says. */
    public static Activity of(ThreadRecord thread) {
        int state = thread.state();
        if (thread.onCpu()) {
            return Activity.RUNNING;
        }
        if ((state & TASK_DEAD) != 0) {
            return Activity.ENDING;
        }
        if ((state & TASK_TRACED) != 0) {
            return Activity.TRACED;
        }
        if ((state & TASK_STOPPED) != 0) {
            return Activity.STOPPED;
        }
        if ((state & TASK_UNINTERRUPTIBLE) != 0) {
            return Activity.UNINTERRUPTIBLE;
        }
        return (state & TASK_INTERRUPTIBLE) != 0 ? Activity.SLEEPING : Activity.RUNNABLE;
    }

    /** The system call that it is in; null where it is in none. */
    public static @Nullable KernelCall call(ThreadRecord thread) {
        if (thread.onCpu() || thread.userless() || thread.compat() || thread.call() < 0) {
            return null;
        }
        String name = SystemCallNames.of(thread.call());
        return new KernelCall(name, subject(thread, name, thread.registers()[FIRST_ARGUMENT]));
    }

    private static String subject(ThreadRecord thread, String name, long first) {
        if (OF_ADDRESS.contains(name)) {
            return "0x" + Long.toHexString(first);
        }
        if (OF_PROCESS.contains(name)) {
            return (int) first > 0 ? "process " + (int) first : "";
        }
        return OF_DESCRIPTOR.contains(name) ? descriptor(thread, (int) first) : "";
    }

    private static String descriptor(ThreadRecord thread, int number) {
        Path link = Path.of("/proc", Integer.toString(thread.id().pid()), "fd", Integer.toString(number));
        try {
            return "fd " + number + " = " + Files.readSymbolicLink(link);
        } catch (IOException _) {
            return "fd " + number;
        }
    }
}
