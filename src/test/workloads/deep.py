"""leaf <- descend, 300 times or as often as the second argument says <- handler."""  # starts: <module>

# chain: leaf <- descend 1 <- (descend even <- descend odd)*149 <- descend even <- handler <- run (truth.py) <- <module>

import sys

import truth

LEVELS = int(sys.argv[2]) if len(sys.argv) > 2 else 300


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def descend(level):  # starts: descend
    if level == 1:
        return leaf(30_000)  # line: descend 1
    if level % 2:
        return descend(level - 1) ^ level  # line: descend odd
    return descend(level - 1) ^ level  # line: descend even


def handler():  # starts: handler
    return descend(LEVELS)  # line: handler


truth.run(handler)  # line: <module>
