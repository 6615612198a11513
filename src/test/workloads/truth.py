"""What all workloads have in common.

A workload calls run(handler, ...): it prints "ready", calls the handler over and over, and ends after the seconds given as
the first argument, if any. On SIGUSR1 it prints one line:

    report active=<bool> digest=<hex> calls_per_second=<int> handled=<int>

The digest is of a computation that always has the same answer. calls_per_second measures plain Python calls, which is what a
trampoline that was left on makes slower.
"""

import hashlib
import signal
import sys
import threading
import time

wanted = threading.Event()


def request_report(number, frame):
    wanted.set()


def burn(n):
    """Work without calls: what is on the stack while it runs is the caller and nothing else."""
    total = 0
    for i in range(n):
        total = (total * 31 + i) & 0xFFFFFFFF
    return total


def answer():
    digest = hashlib.sha256()
    value = 0.1
    for i in range(2000):
        value = (value * 3.7) * (1.0 - value)
        digest.update(repr((value, burn(i % 17), str(i)[::-1])).encode())
    return digest.hexdigest()[:16]


def step(n):
    return n + 1


def calls_per_second():
    best = 0
    for _ in range(5):
        count = 0
        start = time.thread_time()
        while count < 100_000:
            count = step(count)
        best = max(best, count / (time.thread_time() - start))
    return int(best)


def active():
    return getattr(sys, "is_stack_trampoline_active", lambda: None)()


def report(handled):
    wanted.clear()
    values = (active(), answer(), calls_per_second(), handled)
    print("report active=%s digest=%s calls_per_second=%d handled=%d" % values, flush=True)


def deadline():
    return time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 1e9)


def run(handler, *arguments):
    signal.signal(signal.SIGUSR1, request_report)
    end = deadline()
    handled = 0
    print("ready", flush=True)
    while time.monotonic() < end:
        handler(*arguments)
        handled += 1
        if wanted.is_set():
            report(handled)
