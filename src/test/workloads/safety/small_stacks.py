"""Threads with the smallest stacks there are, near their ends: an injection that takes its space from them would kill the process.

The main thread computes as well, so that no thread of a comfortable size is waiting in a system call.
"""

import threading
import time

import native
import selfcheck

LIBRARY = native.load()
KIBIBYTES = 1024


def weight(n):
    total = 0
    for i in range(n):
        total = total * 31 + i & 0xFFFFFFFF
    return total


EXPECTED = weight(2000)


def compute():
    selfcheck.equal(weight(2000), EXPECTED, "weight")


def hold():
    selfcheck.check(LIBRARY.registers_hold(5, 50_000, 0, 3) is None, "state", "a register changed")


def sleep():
    time.sleep(0.001)
    selfcheck.equal(weight(50), SMALL, "weight")


SMALL = weight(50)
for size, work in ((32, hold), (64, hold), (64, compute), (96, sleep), (128, compute), (160, sleep), (256, compute)):
    try:
        threading.stack_size(size * KIBIBYTES)
    except ValueError:  # below what this version allows: 3.14 wants 52 KiB
        threading.stack_size(64 * KIBIBYTES)
    selfcheck.repeat(work)


selfcheck.main(compute)
