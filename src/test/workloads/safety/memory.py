"""Threads inside malloc and the garbage collector all the time: blocks of every size with known contents, and reference cycles."""

import ctypes
import gc

import selfcheck

LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]

gc.set_threshold(20, 2, 2)


class Node:
    """Weighs as much as its index says, and is in a cycle with its neighbours."""

    def __init__(self, index):
        self.index = index
        self.payload = bytearray(b"%d " % index * (index % 97))
        self.next = self.previous = self

    def link(self, other):
        self.next, other.previous = other, self
        return other


def cycle(length):
    first = last = Node(0)
    for index in range(1, length):
        last = last.link(Node(index))
    last.link(first)
    return first


def weigh(node, length):
    total = 0
    for index in range(length):
        selfcheck.equal(bytes(node.payload), b"%d " % index * (index % 97), "payload")
        total += node.index
        node = node.next
    return total


def allocate():
    blocks = [(LIBC.malloc(size), size) for size in range(16, 70000, 2311)]
    for address, size in blocks:
        ctypes.memset(address, size & 0xFF, size)
    for address, size in blocks:
        selfcheck.equal(ctypes.string_at(address + size - 8, 8), bytes([size & 0xFF]) * 8, "malloc")
        LIBC.free(address)


def play():
    selfcheck.equal(weigh(cycle(120), 120), 7140, "cycle")
    gc.collect(1)


for _ in range(3):
    selfcheck.repeat(allocate)

selfcheck.main(play)
