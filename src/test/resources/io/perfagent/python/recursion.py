"""Calls as deep as the recursion limit allows, in a thread of a given stack: dies of a signal where that is too small."""

import sys
import threading

KIND, KILOBYTES, TRAMPOLINE = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def plain(n):
    return plain(n + 1) + 1


def keywords(n, *more, **named):
    return keywords(n + 1, *more, **named)


def generator(n):
    yield from generator(n)


class Property:
    @property
    def value(self):
        return through(self)


def through(owner):
    return owner.value


class Constructed:
    def __init__(self):
        Constructed()


class Attribute:
    def __getattr__(self, name):
        return getattr(self, name + "_")


CALLS = {
    "plain": lambda: plain(0),
    "keywords": lambda: keywords(0, 1, 2, a=1, b=2),
    "generator": lambda: list(generator(0)),
    "property": lambda: through(Property()),
    "constructor": Constructed,
    "attribute": lambda: Attribute().a,
}


def recurse():
    try:
        CALLS[KIND]()
    except RecursionError:
        print("RecursionError", flush=True)


threading.stack_size(KILOBYTES << 10)
if TRAMPOLINE == "on":
    sys.activate_stack_trampoline("perf")
thread = threading.Thread(target=recurse)
thread.start()
thread.join()
