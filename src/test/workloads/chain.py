"""leaf <- middle <- handler, one thread, always busy."""  # starts: <module>

# chain: leaf <- middle <- handler <- run (truth.py) <- <module>

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def middle(n):  # starts: middle
    total = 0
    for _ in range(4):
        total ^= leaf(n)  # line: middle
    return total


def handler(n):  # starts: handler
    total = 0
    for _ in range(4):
        total ^= middle(n)  # line: handler
    return total


if __name__ == "__main__":
    truth.run(handler, 500)  # line: <module>
