"""Python -> C -> Python, three ways, each with its own chain in one handler:

leaf <- sort_key <- (sorted) <- with_sorted <- handler
leaf <- replace <- (re.sub) <- with_sub <- handler
leaf <- compare <- (libffi, qsort, libffi) <- with_qsort <- handler
"""

import ctypes
import re

import truth

WORDS = "the quick brown fox jumps over the lazy dog " * 4
WORD = re.compile(r"\w+")
NUMBERS = [(i * 7919) % 101 for i in range(40)]

Comparison = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
libc = ctypes.CDLL(None)


def leaf(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) & 0xFFFFFFFF
    return total


def sort_key(number):
    return (number, leaf(300))


def with_sorted():
    return sorted(NUMBERS, key=sort_key)


def replace(match):
    return match.group()[::-1] + str(leaf(300) % 10)


def with_sub():
    return WORD.sub(replace, WORDS)


def compare(a, b):
    leaf(300)
    return a[0] - b[0]


compare_in_c = Comparison(compare)


def with_qsort():
    numbers = (ctypes.c_int * 20)(*NUMBERS[:20])
    libc.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), compare_in_c)
    return list(numbers)


def handler():
    return with_sorted(), with_sub(), with_qsort()


truth.run(handler)
