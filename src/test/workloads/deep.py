"""leaf <- descend, 300 times or as often as the second argument says <- handler."""

import sys

import truth

LEVELS = int(sys.argv[2]) if len(sys.argv) > 2 else 300


def leaf(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) & 0xFFFFFFFF
    return total


def descend(level):
    if level == 1:
        return leaf(30_000)
    return descend(level - 1) ^ level


def handler():
    return descend(LEVELS)


truth.run(handler)
