"""leaf <- middle <- handler in greenlets: eight of gevent's that give way in the middle of leaf, and short ones on top of them."""

# The eight are each at a depth of its own. Short ones begin with the handler.
# chain: leaf <- middle <- handler <- descend last <- descend* <- work
# chain: leaf <- middle <- handler

import signal

import gevent
import greenlet

import truth


def leaf(n, wait):  # starts: leaf
    total = truth.burn(n)  # line: leaf
    wait()  # line: leaf
    return total ^ truth.burn(n)  # line: leaf


def middle(n, wait):  # starts: middle
    return leaf(n, wait) ^ 1  # line: middle


def handler(n, wait):  # starts: handler
    return middle(n, wait) ^ 1  # line: handler


def give_way():
    gevent.sleep(0)


def start_another():
    greenlet.greenlet(handler).switch(3000, bool)


def descend(depth, n, wait):  # starts: descend
    if depth:
        return descend(depth - 1, n, wait) ^ 1  # line: descend
    return handler(n, wait)  # line: descend last


def work(depth):  # starts: work
    while True:
        descend(depth, 6000, give_way)  # line: work
        descend(depth, 6000, start_another)  # line: work


signal.signal(signal.SIGUSR1, truth.request_report)
for number in range(8):
    gevent.spawn(work, 5 * number)
end = truth.deadline()
print("ready", flush=True)
while truth.time.monotonic() < end:
    gevent.sleep(0.02)
    if truth.wanted.is_set():
        truth.report(0)
