"""Deep recursion, and Python called back from C: sorted, re.sub, map, qsort through ctypes, generators, exceptions thrown across."""

import ctypes
import functools
import re

import selfcheck

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
LIBC = ctypes.CDLL(None)
DEPTH = 700


def descend(n):
    return 0 if n == 0 else n + descend(n - 1)


def descend_through_c(n):
    """Each level is a call of C that calls Python."""
    return 0 if n == 0 else n + functools.reduce(lambda total, i: total + descend_through_c(i), [n - 1], 0)


def compare(left, right):
    return left[0] - right[0]


def sorted_by_c():
    numbers = (ctypes.c_int * 64)(*((i * 37) % 64 for i in range(64)))
    LIBC.qsort(numbers, 64, 4, COMPARE(compare))
    return list(numbers)


def thrown(n):
    if n == 0:
        raise KeyError("bottom")
    try:
        return thrown(n - 1)
    finally:
        str(n)


def caught():
    try:
        list(map(thrown, [40]))
    except KeyError as e:
        return e.args
    return None


def play():
    selfcheck.equal(descend(DEPTH), DEPTH * (DEPTH + 1) // 2, "recursion")
    selfcheck.equal(descend_through_c(30), 465, "recursion through C")
    selfcheck.equal(sorted(range(200), key=lambda i: i * 7 % 200)[:3], [0, 143, 86], "sorted")
    selfcheck.equal(re.sub(r"\d+", lambda m: str(int(m[0]) * 2), "1a22b333"), "2a44b666", "re.sub")
    selfcheck.equal(sorted_by_c(), list(range(64)), "qsort")
    selfcheck.equal(caught(), ("bottom",), "exception")


selfcheck.main(play)
