"""A stack of another shape for each number, which stays as it is until a file of that number is there."""

import collections
import functools
import itertools
import os
import random
import re
import sys

DIRECTORY = int(sys.argv[1])  # a descriptor, for it may lie outside of this root


def hold(number):
    there = functools.partial(os.access, str(number), os.F_OK, dir_fd=DIRECTORY)
    print("held", number, flush=True)
    collections.deque(iter(there, True), 0)  # all of it in C
    return number


def go(path, number):
    if not path:
        return hold(number)
    return path[0](path[1:], number)


def plain(path, number):
    if number % 2:
        return go(path, number)
    return go(path, number)


def several_lines(path, number):
    return go(
        path,
        number + 1 - 1,
    )


def generator(path, number):
    def numbers():
        yield 0
        yield go(path, number)

    made = numbers()
    next(made)
    return next(made)


def delegating(path, number):
    def inner():
        yield go(path, number)

    def outer():
        yield from inner()

    return next(outer())


def comprehension(path, number):
    return [go(path, number) for _ in (1,)][0]


def expression(path, number):
    return next(go(path, number) for _ in (1,))


def sort_key(path, number):
    return sorted((number,), key=lambda _: go(path, number))


def replaced(path, number):
    return re.sub("a", lambda match: str(go(path, number)), "a")


def reduced(path, number):
    return functools.reduce(lambda _, __: go(path, number), (1, 2))


def mapped(path, number):
    return list(map(functools.partial(go, path), (number,)))


def coroutine(path, number):
    async def inner():
        return go(path, number)

    async def outer():
        return await inner()

    try:
        outer().send(None)
    except StopIteration as stop:
        return stop.value


def executed(path, number):
    exec(compile("\n" * (number % 300) + "go(path, number)", "<made %d>" % number, "exec"), dict(globals(), **locals()))


def caught(path, number):
    try:
        raise ValueError(number)
    except ValueError:
        return go(path, number)
    finally:
        number += 1


class Shape:
    def __init__(self, path, number):
        self.number = number
        go(path, number)

    def __lt__(self, other):
        go(self.path, self.number)
        return True

    def __len__(self):
        go(self.path, self.number)
        return 1

    @classmethod
    def of_class(cls, path, number):
        return go(path, number)

    @property
    def value(self):
        return go(self.path, self.number)


def bare(path, number):
    shape = Shape.__new__(Shape)
    shape.path, shape.number = path, number
    return shape


def compared(path, number):
    return bare(path, number) < bare(path, number)


def measured(path, number):
    return len(bare(path, number))


def asked(path, number):
    return bare(path, number).value


STEPS = [
    plain, several_lines, generator, delegating, comprehension, expression, sort_key, replaced, reduced, mapped, coroutine,
    executed, caught, Shape, Shape.of_class, compared, measured, asked,
]


def stack(number):
    choice = random.Random(number)
    go([choice.choice(STEPS) for _ in range(choice.randrange(1, 30))], number)


print("ready", flush=True)
for each in itertools.count(1):
    stack(each)
