package io.perfagent.activity;

import io.perfagent.activity.x86_64.SystemCallNames;
import io.perfagent.bpf.abi.TaskState;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.model.Activity;
import io.perfagent.model.KernelCall;
import io.perfagent.procfs.TcpConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What threads do, for people. For one thread. */
public final class ThreadActivity {
    private static final int FIRST_ARGUMENT = 5; // rdi

    /** Besides those of data those whose first argument is a descriptor, as far as they may wait long. */
    private static final Set<String> OF_DESCRIPTOR = Set.of(
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
            "ioctl",
            "flock",
            "fcntl",
            "ftruncate",
            "fallocate",
            "getdents64",
            "close",
            "fstat");

    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d{1,18})]");

    private static final Set<String> OF_ADDRESS = Set.of("futex", "futex_wait");

    private static final Set<String> OF_PROCESS = Set.of("wait4");

    /** By PID, of those that a thread waits on a socket of. */
    private final Map<Integer, TcpConnections> connections = new HashMap<>();

    /** What the scheduler says. */
    public static Activity of(ThreadRecord thread) {
        return thread.onCpu() ? Activity.RUNNING : TaskState.activity(thread.state());
    }

    /** The system call that it is in; null where it is in none. */
    public @Nullable KernelCall call(ThreadRecord thread) {
        if (thread.onCpu() || thread.userless() || thread.compat() || thread.call() < 0) {
            return null;
        }
        String name = SystemCallNames.of(thread.call());
        return new KernelCall(name, subject(thread, name, thread.registers()[FIRST_ARGUMENT]));
    }

    private String subject(ThreadRecord thread, String name, long first) {
        if (OF_ADDRESS.contains(name)) {
            return "0x" + Long.toHexString(first);
        }
        if (OF_PROCESS.contains(name)) {
            return (int) first > 0 ? "process " + (int) first : "";
        }
        return SystemCalls.OF_DATA.contains(name) || OF_DESCRIPTOR.contains(name)
                ? descriptor(thread, (int) first)
                : "";
    }

    private String descriptor(ThreadRecord thread, int number) {
        Path link = Path.of("/proc", Integer.toString(thread.id().pid()), "fd", Integer.toString(number));
        try {
            return "fd " + number + " = "
                    + named(thread, Files.readSymbolicLink(link).toString());
        } catch (IOException _) {
            return "fd " + number;
        }
    }

    /** A socket of TCP by its other end, which is what people know it by. */
    private String named(ThreadRecord thread, String target) {
        Matcher socket = SOCKET.matcher(target);
        if (!socket.matches()) {
            return target;
        }
        TcpConnections known = connections.computeIfAbsent(thread.id().pid(), TcpConnections::read);
        String end = known.of(Long.parseLong(socket.group(1)));
        return end == null ? target : end;
    }
}
