"""Python -> C -> Python, in several ways, each with its own chain in one handler."""  # starts: <module>

# chain: leaf <- sort_key <- with_sorted <- handler sorted <- run (truth.py) <- <module>
# chain: leaf <- replace <- with_sub <- handler sub <- run (truth.py) <- <module>
# chain: leaf <- compare <- with_qsort <- handler qsort <- run (truth.py) <- <module>
# chain: leaf <- reduced <- with_reduce <- handler reduce <- run (truth.py) <- <module>
# chain: leaf <- mapped <- with_map <- handler map <- run (truth.py) <- <module>
# chain: leaf <- Number.__lt__ <- with_order <- handler order <- run (truth.py) <- <module>
# chain: leaf <- Number.__del__ <- with_end <- handler end <- run (truth.py) <- <module>

import ctypes
import functools
import re

import truth

WORDS = "the quick brown fox jumps over the lazy dog " * 4
WORD = re.compile(r"\w+")
NUMBERS = [(i * 7919) % 101 for i in range(40)]

Comparison = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
libc = ctypes.CDLL(None)


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def sort_key(number):  # starts: sort_key
    return (number, leaf(300))  # line: sort_key


def with_sorted():  # starts: with_sorted
    return sorted(NUMBERS, key=sort_key)  # line: with_sorted


def replace(match):  # starts: replace
    return match.group()[::-1] + str(leaf(300) % 10)  # line: replace


def with_sub():  # starts: with_sub
    return WORD.sub(replace, WORDS)  # line: with_sub


def compare(a, b):  # starts: compare
    leaf(300)  # line: compare
    return a[0] - b[0]


compare_in_c = Comparison(compare)


def with_qsort():  # starts: with_qsort
    numbers = (ctypes.c_int * 20)(*NUMBERS[:20])
    libc.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), compare_in_c)  # line: with_qsort
    return list(numbers)


def reduced(total, number):  # starts: reduced
    return total ^ leaf(300)  # line: reduced


def with_reduce():  # starts: with_reduce
    return functools.reduce(reduced, NUMBERS, 0)  # line: with_reduce


def mapped(number):  # starts: mapped
    return leaf(300) ^ number  # line: mapped


def with_map():  # starts: with_map
    return sum(map(mapped, NUMBERS))  # line: with_map


class Number:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):  # starts: Number.__lt__
        leaf(300)  # line: Number.__lt__
        return self.number < other.number

    def __del__(self):  # starts: Number.__del__
        leaf(300)  # line: Number.__del__


ORDERED = [Number(number) for number in NUMBERS[:10]]


def with_order():  # starts: with_order
    return max(ORDERED)  # line: with_order


def with_end():  # starts: with_end
    numbers = [Number(number) for number in range(20)]
    numbers.clear()  # line: with_end


def handler():  # starts: handler
    with_sorted()  # line: handler sorted
    with_sub()  # line: handler sub
    with_qsort()  # line: handler qsort
    with_reduce()  # line: handler reduce
    with_map()  # line: handler map
    with_order()  # line: handler order
    with_end()  # line: handler end


truth.run(handler)  # line: <module>
