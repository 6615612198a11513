"""leaf <- middle <- handler <- descend in greenlets that switch to each other in the middle of leaf, at depths of their own."""

# A greenlet's frames begin with what it runs: those that it was started from are on another stack.
# chain: leaf <- middle <- handler <- descend last <- descend* <- work

import functools

import greenlet

import truth

greenlets = []


def leaf(n, number):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    greenlets[(number + 1) % len(greenlets)].switch()  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def middle(n, number):  # starts: middle
    return leaf(n, number) ^ 1  # line: middle


def handler(n, number):  # starts: handler
    return middle(n, number) ^ 1  # line: handler


def descend(depth, number):  # starts: descend
    if depth:
        return descend(depth - 1, number) ^ 1  # line: descend
    return handler(6000, number)  # line: descend last


def work(number):  # starts: work
    while truth.time.monotonic() < end:
        descend(5 * number, number)  # line: work


end = truth.deadline()
for index in range(8):
    greenlets.append(greenlet.greenlet(functools.partial(work, index)))
print("ready", flush=True)
greenlets[0].switch()
