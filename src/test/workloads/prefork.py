"""A master that keeps two workers going, as gunicorn does: leaf <- middle <- handler in each of them.

Prints "ready", then a line for each worker that starts, and on SIGUSR1 whether the trampoline is on: in master and workers.
"""

import os
import signal
import sys

import chain


def active(number, frame):
    print("active %d %s" % (os.getpid(), sys.is_stack_trampoline_active()), flush=True)


def work():
    print("worker %d" % os.getpid(), flush=True)
    while True:
        chain.handler(500)


def master():
    workers = set()
    while True:
        while len(workers) < 2:
            pid = os.fork()
            if pid == 0:
                work()
            workers.add(pid)
        try:
            workers.discard(os.waitpid(-1, 0)[0])
        except InterruptedError:
            pass


signal.signal(signal.SIGUSR1, active)
print("ready", flush=True)
master()
