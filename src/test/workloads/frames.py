"""Threads that wait in calls of every kind, and say what their stacks are.

Standard output: where the interpreter's state is, then for each thread a line
    thread address_of_its_state pthread_self native_id      (0 where the version has none)
and for each of its functions, innermost first, a line
    call address_of_its_code line name file
then "end". Names are qualified from 3.11 on. Runs on every version from 3.6 on.
"""
import os
import python_memory
import sys
import threading

hole, _ = os.pipe()
lock = threading.Lock()
started = threading.Semaphore(0)


def say(frame):
    with lock:
        native = getattr(threading, "get_native_id", lambda: 0)() if sys.version_info >= (3, 11) else 0
        print("thread", python_memory.thread_state(), threading.get_ident(), native)
        while frame is not None:
            code = frame.f_code
            print("call", id(code), frame.f_lineno, getattr(code, "co_qualname", code.co_name), code.co_filename)
            frame = frame.f_back
    started.release()


def wait(_=None):
    say(sys._getframe()); os.read(hole, 1)


def recurse(levels):
    if levels:
        return recurse(
            levels - 1
        )
    wait()


class Callbacks:
    def by_key(self):
        return sorted([1], key=lambda _:
                      wait())

    def __getattr__(self, name):
        return wait()

    def through_attribute(self):
        return (
            self.missing
        )


def generator():
    yield 1
    yield wait()


def generated():
    for _ in (
        value
        for value in generator()
    ):
        pass


async def coroutine(levels):
    if levels:
        await coroutine(levels - 1)
    else:
        wait()


def awaited():
    coroutine(3).send(None)


def executed():
    exec(compile("def f():\n\n  g()\n\nf()\n", "<made>", "exec"), {"g": wait})


class Body:
    def made(self):
        class Made:
            value = wait()


callbacks = Callbacks()
print(python_memory.runtime())
tasks = [lambda: recurse(5), lambda: recurse(900), callbacks.by_key, callbacks.through_attribute, generated, awaited, executed,
         Body().made, lambda: list(map(wait, [1]))]
sys.setrecursionlimit(3000)
for task in tasks:
    threading.Thread(target=task, daemon=True).start()
for _ in tasks:
    started.acquire()
say(sys._getframe()); print("end", flush=True); sys.stdin.readline()
