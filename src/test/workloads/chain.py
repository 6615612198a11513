"""leaf <- middle <- handler, one thread, always busy."""

import truth


def leaf(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) & 0xFFFFFFFF
    return total


def middle(n):
    total = 0
    for _ in range(4):
        total ^= leaf(n)
    return total


def handler(n):
    total = 0
    for _ in range(4):
        total ^= middle(n)
    return total


if __name__ == "__main__":
    truth.run(handler, 500)
