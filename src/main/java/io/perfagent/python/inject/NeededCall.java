package io.perfagent.python.inject;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * A system call that a target makes on the way through the routine, or because its trampoline is on: those of the routine, the memory
 * allocators, CPython's arenas of trampolines and its map (as traced on 3.12, 3.13, 3.14 and 3.15), and what other C libraries do instead.
 */
public enum NeededCall {
    SET_SIGNAL_MASK("rt_sigprocmask", When.ALWAYS, Failure.FORBIDS, 2),
    PENDING_SIGNALS("rt_sigpending", When.ALWAYS, Failure.FORBIDS),
    SIGNAL_HANDLER("rt_sigaction", When.ALWAYS, Failure.FORBIDS),
    SIGNAL_RETURN("rt_sigreturn", When.ALWAYS, Failure.FORBIDS),
    SIGNAL_STACK("sigaltstack", When.ALWAYS, Failure.FORBIDS, 0),
    RESTART("restart_syscall", When.ALWAYS, Failure.FORBIDS),
    FUTEX_WAIT("futex", When.ALWAYS, Failure.FORBIDS, Any.VALUE, 0x80),
    FUTEX_WAKE("futex", When.ALWAYS, Failure.FORBIDS, Any.VALUE, 0x81),
    FUTEX_WAIT_UNTIL("futex", When.ALWAYS, Failure.FORBIDS, Any.VALUE, 0x189),
    GET_THREAD("gettid", When.ALWAYS, Failure.HARMLESS),
    GET_AFFINITY("sched_getaffinity", When.ALWAYS, Failure.HARMLESS),
    MEMORY("mmap", When.ALWAYS, Failure.FORBIDS, 0, Any.VALUE, 3, 0x22, Any.VALUE, 0),
    HEAP("mmap", When.ALWAYS, Failure.HARMLESS, 0, Any.VALUE, 0, 0x4022, Any.VALUE, 0),
    HEAP_GROWS("mprotect", When.ALWAYS, Failure.HARMLESS, Any.VALUE, Any.VALUE, 3),
    UNMAP("munmap", When.ALWAYS, Failure.HARMLESS),
    ADVISE("madvise", When.ALWAYS, Failure.HARMLESS),
    BREAK("brk", When.ALWAYS, Failure.HARMLESS),

    EXECUTABLE_DENIED("prctl", When.ACTIVATING, Failure.HARMLESS, 66),
    MAP_NAME("getpid", When.ACTIVATING, Failure.NO_MAP),
    MAP_OPEN("openat", When.ACTIVATING, Failure.NO_MAP, Any.VALUE, Any.VALUE, Any.CREATING, 0600),
    MAP_OPEN_WITH_MUSL("open", When.ACTIVATING, Failure.HARMLESS, Any.VALUE, Any.CREATING, 0600),
    MAP_READ_IN_CHILD("openat", When.ACTIVATING, Failure.HARMLESS, Any.VALUE, Any.VALUE, 0),
    MAP_FLAGS("fcntl", When.ACTIVATING, Failure.NO_MAP, Any.VALUE, 3),
    MAP_STATUS("fstat", When.ACTIVATING, Failure.HARMLESS),
    MAP_STATUS_AT("newfstatat", When.ACTIVATING, Failure.HARMLESS),
    MAP_TERMINAL("ioctl", When.ACTIVATING, Failure.HARMLESS, Any.VALUE, 0x5413),
    MAP_SEEK("lseek", When.ACTIVATING, Failure.HARMLESS),
    MAP_READ("read", When.ACTIVATING, Failure.HARMLESS),
    MAP_WRITE("write", When.ACTIVATING, Failure.NO_MAP),
    MAP_WRITE_WITH_MUSL("writev", When.ACTIVATING, Failure.HARMLESS),
    MAP_CLOSE("close", When.ACTIVATING, Failure.HARMLESS),
    ARENA("mmap", When.ACTIVATING, Failure.FORBIDS, 0, 65536, 3, 0x22, Any.VALUE, 0),
    ARENA_EXECUTABLE("mprotect", When.ACTIVATING, Failure.FORBIDS, Any.VALUE, 65536, 5);

    private enum When {
        ALWAYS,
        ACTIVATING
    }

    /** What it means that the call fails. */
    enum Failure {
        HARMLESS,
        NO_MAP,
        FORBIDS
    }

    /** Constants of an enum cannot be named before them. */
    private static final class Any {
        /** An argument that is an address, a length or a descriptor, which nobody knows beforehand. */
        static final long VALUE = Long.MIN_VALUE;
        /** The flags that CPython opens its map with. */
        static final long CREATING = Long.MIN_VALUE + 1;
    }

    /** O_WRONLY, O_CREAT, O_APPEND, O_CLOEXEC. */
    private static final long APPEND_TO_NEW = 0x80441;

    private final String label;
    private final When when;
    private final Failure failure;

    @SuppressWarnings("ImmutableEnumChecker") // what Stream.toList makes is
    private final List<Long> arguments;

    NeededCall(String label, When when, Failure failure, long... arguments) {
        this.label = label;
        this.when = when;
        this.failure = failure;
        this.arguments = Arrays.stream(arguments).boxed().toList();
    }

    static List<NeededCall> of(Command command) {
        return Arrays.stream(values())
                .filter(call -> command == Command.ACTIVATE || call.when == When.ALWAYS)
                .toList();
    }

    String label() {
        return label;
    }

    Failure failure() {
        return failure;
    }

    SeccompData data(SystemCalls calls) {
        List<OptionalLong> known =
                arguments.stream().map(value -> argument(value, calls)).toList();
        return new SeccompData(calls.numbers().applyAsInt(this), calls.audit(), known);
    }

    private static OptionalLong argument(long value, SystemCalls calls) {
        if (value == Any.VALUE) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(value == Any.CREATING ? APPEND_TO_NEW | calls.noFollow() : value);
    }
}
