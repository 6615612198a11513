"""Where a target of the safety suite lives, if not in ordinary surroundings: SURROUNDINGS names one of the functions."""

import ctypes
import os
import struct

MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
EPERM = 1
# What a process that has locked itself in no longer does.
OPEN, OPENAT = 2, 257
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


def seccomp_that_refuses():
    """if number is open or openat: EPERM, else allow (linux/filter.h, linux/seccomp.h)"""
    verdict = SECCOMP_RET_ERRNO | EPERM
    load, equal, answer = 0x20, 0x15, 0x06
    program = b"".join(
        struct.pack("<HBBI", *instruction)
        for instruction in (
            (load, 0, 0, 0),
            (equal, 1, 0, OPEN),
            (equal, 0, 1, OPENAT),
            (answer, 0, 0, verdict),
            (answer, 0, 0, SECCOMP_RET_ALLOW),
        )
    )
    instructions = ctypes.create_string_buffer(program)
    description = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(instructions)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0)):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def enter():
    name = os.environ.get("SURROUNDINGS")
    if name:
        globals()[name]()
