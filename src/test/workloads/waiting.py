"""Threads that wait, each kind in a place of its own; then says where each is, as the interpreter itself sees it.

After "ready" a line "TID function:line function:line …" for each of them, innermost first, and "waiting".
"""

import ctypes
import functools
import os
import queue
import select
import socket
import sys
import threading
import time

ROUNDS = int(sys.argv[1])
GETTID = 186  # of x86-64; threading has it from 3.8 on only

first = threading.Lock()
second = threading.Lock()
never = threading.Lock()
never.acquire()
have_theirs = threading.Barrier(2)
tids = {}


def takes_second():
    with first:
        have_theirs.wait()
        with second:
            pass


def takes_first():
    with second:
        have_theirs.wait()
        with first:
            pass


def in_queue():
    queue.Queue().get()


def for_event():
    threading.Event().wait()


def asleep():
    time.sleep(3600)


def at_socket():
    ours, theirs = socket.socketpair()
    ours.recv(1)
    theirs.close()


def at_pipe():
    reads, _ = os.pipe()
    os.read(reads, 1)


def selecting():
    ours, theirs = socket.socketpair()
    select.select([ours], [], [])
    theirs.close()


class Compared:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return never.acquire()


def in_sort():
    sorted([Compared(2), Compared(1)])


def in_generator():
    def waits():
        never.acquire()
        yield 1

    sum(waits())


def recursive(depth=40):
    if depth:
        return recursive(depth - 1)
    return never.acquire()


def in_callback():
    call = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: int(never.acquire()))
    call()


def made_by_exec():
    space = {"never": never}
    exec("def made():\n    never.acquire()\n", space)
    space["made"]()


def partly():
    functools.partial(in_queue)()


def in_greenlet():
    import greenlet

    greenlet.greenlet(asleep).switch()


class Waits:
    def __init__(self, waits):
        self.waits = waits
        if waits:
            never.acquire()


def in_init():
    for waits in [False] * 5000 + [True]:  # the call is specialized by then
        Waits(waits)


def run(function):
    tids[threading.get_ident()] = ctypes.CDLL(None).syscall(GETTID)
    function()


def places():
    found = {}
    for ident, frame in sys._current_frames().items():
        calls = []
        while frame:
            code = frame.f_code
            calls.append("%s:%d" % (getattr(code, "co_qualname", code.co_name), frame.f_lineno))
            frame = frame.f_back
        found[ident] = calls
    return found


def rest():
    while True:
        time.sleep(3600)


kinds = [in_queue, for_event, asleep, at_socket, at_pipe, selecting, in_sort, in_generator, recursive, in_callback,
         made_by_exec, partly, in_init]
try:
    import greenlet

    kinds.append(in_greenlet)
except ImportError:
    pass
functions = [takes_second, takes_first] + kinds * ROUNDS
for function in functions:
    threading.Thread(target=run, args=(function,), daemon=True).start()
before = None
while len(tids) < len(functions) or before != [places()[ident] for ident in tids]:
    before = [places()[ident] for ident in tids] if len(tids) == len(functions) else None
    time.sleep(0.3)
print("ready")
for ident, calls in places().items():
    if ident in tids:
        print(tids[ident], *calls)
print("waiting", flush=True)
rest()
