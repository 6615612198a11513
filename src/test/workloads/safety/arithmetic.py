"""Floating-point and integer loops, arrays and structs: the same digest every time, bit by bit, in the main thread alone."""

import array
import hashlib
import math
import struct

import selfcheck


def scalar():
    x, y = 0.5, 3
    for i in range(1, 2000):
        x = math.sqrt(x * 1.0000001 + i / (x + 1.0)) + float(i % 7) / 3.0
        y = mixed(y, i)
    return x.hex() + hex(y)


def mixed(y, i):
    return (y * 31 + i) & 0xFFFFFFFFFF


def packed():
    numbers = array.array("d", (math.sin(i) * math.exp(i % 11) for i in range(500)))
    numbers.byteswap()
    record = struct.pack("<20d", *(math.atan2(i, 3.0) for i in range(20)))
    return hashlib.sha256(numbers.tobytes() + record + repr(math.fsum(numbers[::7])).encode()).hexdigest()


SCALAR, PACKED = scalar(), packed()


def play():
    selfcheck.equal(scalar(), SCALAR, "scalar")
    selfcheck.equal(packed(), PACKED, "packed")


selfcheck.main(play)
