"""Where a target of the safety suite lives, if not in ordinary surroundings: SURROUNDINGS names one of the functions."""

import ctypes
import mmap
import os
import resource
import struct
import sys
import threading

MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x80000000, 0x00030000, 0x00050000, 0x7FFF0000
EPERM = 1
# What a process that has locked itself in no longer does.
OPEN, OPENAT, MPROTECT = 2, 257, 10
PROT_EXEC = 4
NOBODY = 65534


def read_only_tmp():
    """In a mount namespace of its own, which whoever starts the target has made."""
    libc = ctypes.CDLL(None, use_errno=True)
    for flags in (MS_BIND, MS_BIND | MS_REMOUNT | MS_RDONLY):
        if libc.mount(b"/tmp", b"/tmp", None, ctypes.c_ulong(flags), None) != 0:
            raise OSError(ctypes.get_errno(), "mount")


def other_user():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


LOAD, EQUAL, ANY_BIT, ANSWER = 0x20, 0x15, 0x45, 0x06
NUMBER, THIRD_ARGUMENT = 0, 32


def seccomp_that_refuses():
    filter_opening(SECCOMP_RET_ERRNO | EPERM)


def seccomp_that_kills():
    filter_opening(SECCOMP_RET_KILL_PROCESS)


def seccomp_that_traps():
    filter_opening(SECCOMP_RET_TRAP)


def seccomp_of_one_thread():
    """Which never calls anything that the others do not."""
    inside = threading.Event()

    def stay():
        filter_opening(SECCOMP_RET_KILL_PROCESS)
        inside.set()
        threading.Event().wait()

    threading.Thread(target=stay, daemon=True).start()
    inside.wait()


def seccomp_without_executable_memory():
    """As systemd's MemoryDenyWriteExecute: mprotect with PROT_EXEC is EPERM."""
    install(
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 0, 3, MPROTECT),
        (LOAD, 0, 0, THIRD_ARGUMENT),
        (ANY_BIT, 0, 1, PROT_EXEC),
        (ANSWER, 0, 0, SECCOMP_RET_ERRNO | EPERM),
        (ANSWER, 0, 0, SECCOMP_RET_ALLOW),
    )


def memory_deny_write_execute():
    """As systemd's from Linux 6.3 on, without a filter: PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN."""
    if ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def memory_limit():
    """The first limit that leaves 32 MiB: room for what the program does, and less than trampolines are given."""
    limit, left = 0, None
    while left is None:
        limit += 8 << 20
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        try:
            left = mmap.mmap(-1, 32 << 20)
        except (OSError, MemoryError):
            pass
    left.close()


def undecodable_path():
    """As old file servers leave them; nothing is ever imported from there."""
    sys.path.append("/nowhere/caf\udce9")


def undecodable_directory():
    """One that is gone at once, so that nothing of that name stays."""
    name = b"/tmp/caf\xe9-%d" % os.getpid()
    os.mkdir(name)
    os.chdir(name)
    os.rmdir(name)


def small_stack():
    """It waits for an event that never comes."""
    threading.stack_size(256 << 10)
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    threading.stack_size(0)


def thread_without_python():
    """It waits for a signal that never comes."""
    libc = ctypes.CDLL(None)
    attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
    libc.pthread_attr_init(attributes)
    libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(64 << 10))
    pause = ctypes.cast(libc.pause, ctypes.c_void_p)
    if libc.pthread_create(ctypes.byref(thread), attributes, pause, None) != 0:
        raise OSError("pthread_create")


def closed_standard_error():
    os.close(2)


def out_of_descriptors():
    """All that are left but two."""
    taken = os.dup(0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken + 3, taken + 3))


def jit_dump():
    """Where the interpreter can from within; the file's name goes at once, for it would stay for good."""
    try:
        sys.activate_stack_trampoline("perf_jit")
    except ValueError:
        return
    (lambda: None)()
    os.unlink("/tmp/jit-%d.dump" % os.getpid())


def seccomp_that_allows():
    """Two of them, which have nothing against what is to be done."""
    for number in (101, 165):  # ptrace, mount
        install(
            (LOAD, 0, 0, NUMBER),
            (EQUAL, 0, 1, number),
            (ANSWER, 0, 0, SECCOMP_RET_KILL_PROCESS),
            (ANSWER, 0, 0, SECCOMP_RET_ALLOW),
        )


def filter_opening(verdict):
    install(
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 1, 0, OPEN),
        (EQUAL, 0, 1, OPENAT),
        (ANSWER, 0, 0, verdict),
        (ANSWER, 0, 0, SECCOMP_RET_ALLOW),
    )


def install(*instructions):
    """Of the calling thread, and of threads to come (linux/filter.h, linux/seccomp.h)."""
    program = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions))
    description = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(instructions), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0)):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def enter():
    name = os.environ.get("SURROUNDINGS")
    if name:
        globals()[name]()
