package io.perfagent.activity;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** System calls by what they do. */
final class SystemCalls {
    /** Those that move data through the descriptor which is their first argument. */
    static final Set<String> OF_DATA = Set.of(
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
            "fsync",
            "fdatasync",
            "io_uring_enter",
            "splice",
            "sync_file_range",
            "syncfs");

    /** Those that wait for the descriptor which is their first argument. */
    static final Set<String> FOR_ONE = Stream.concat(
                    OF_DATA.stream().filter(name -> !name.equals("io_uring_enter")),
                    Stream.of(
                            "epoll_wait",
                            "epoll_pwait",
                            "epoll_pwait2",
                            "flock",
                            "fcntl",
                            "ioctl",
                            "tee",
                            "vmsplice",
                            "getdents64",
                            "ftruncate",
                            "fallocate"))
            .collect(Collectors.toUnmodifiableSet());

    private SystemCalls() {}
}
