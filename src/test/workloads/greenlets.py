"""leaf <- middle <- handler in greenlets: eight of gevent's, each at a depth of its own, that give way in the middle of leaf, and
short ones that these start on top of their own stacks."""

import signal

import gevent
import greenlet

import truth


def leaf(n, wait):
    total = truth.burn(n)
    wait()
    return total ^ truth.burn(n)


def middle(n, wait):
    return leaf(n, wait) ^ 1


def handler(n, wait):
    return middle(n, wait) ^ 1


def give_way():
    gevent.sleep(0)


def start_another():
    greenlet.greenlet(handler).switch(3000, bool)


def descend(depth, n, wait):
    return descend(depth - 1, n, wait) ^ 1 if depth else handler(n, wait)


def work(depth):
    while True:
        descend(depth, 6000, give_way)
        descend(depth, 6000, start_another)


signal.signal(signal.SIGUSR1, truth.request_report)
for number in range(8):
    gevent.spawn(work, 5 * number)
end = truth.deadline()
print("ready", flush=True)
while truth.time.monotonic() < end:
    gevent.sleep(0.02)
    if truth.wanted.is_set():
        truth.report(0)
