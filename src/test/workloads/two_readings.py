"""Two threads that stay where they are: each computes in one call of C, the first with the GIL, the second without, below calls of every kind.

Standard output: where the interpreter's state is, then "end". Runs on every version from 3.6 on.
"""
import mmap
import python_memory
import sys
import threading
import zlib

ZEROS = mmap.mmap(-1, 64 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # MAP_NORESERVE: one page of zeros for all


def without_the_gil():
    started.set()
    zlib.crc32(ZEROS)


def with_the_gil():
    started.wait()
    print("end", flush=True)
    sum(range(10 ** 15))


def executed(leaf):
    exec(compile("def f():\n\n  leaf()\n\nf()\n", "<made>", "exec"), {"leaf": leaf})


async def coroutine(levels, leaf):
    if levels:
        await coroutine(levels - 1, leaf)
    else:
        executed(leaf)


def generator(leaf):
    yield 1
    yield coroutine(3, leaf).send(None)


class Attributes:
    def __init__(self, leaf):
        self.leaf = leaf

    def __getattr__(self, name):
        return list(generator(self.leaf))


def by_key(leaf):
    sorted([1], key=lambda _:
           Attributes(leaf).missing)


def recurse(levels, leaf):
    if levels:
        return recurse(levels - 1, leaf)
    by_key(leaf)


started = threading.Event()
print(python_memory.runtime())
threading.Thread(target=recurse, args=(40, without_the_gil), daemon=True).start()
recurse(300, with_the_gil)
