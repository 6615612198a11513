package io.perfagent.activity;

import java.util.Set;

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

    private SystemCalls() {}
}
