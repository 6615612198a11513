"""A master that keeps two workers going, as gunicorn does: leaf <- middle <- handler in each of them.

Prints "ready", then a line for each worker that starts, and on SIGUSR1 whether the trampoline is on: in master and workers.
"""

import os
import signal
import sys

import chain


MASTER = os.getpid()


def say(line):
    """At once: masters and workers write to one pipe."""
    os.write(1, line.encode() + b"\n")


def active(number, frame):
    say("active %d %s" % (os.getpid(), sys.is_stack_trampoline_active()))


def work():
    say("worker %d" % os.getpid())
    while os.getppid() == MASTER:
        chain.handler(500)
    os._exit(0)


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
say("ready")
master()
