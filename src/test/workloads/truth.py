"""What all workloads have in common.

A workload calls run(handler, ...): it prints "ready", calls the handler over and over, and ends after the seconds given as
the first argument, if any. PAUSE in the environment is how many seconds it sleeps after each call. On SIGUSR1 it prints one line:

    report active=<bool> digest=<hex> calls_per_second=<int> handled=<int>

The digest is of a computation that always has the same answer. calls_per_second measures plain Python calls, which is what a
trampoline that was left on makes slower.

The truth of a workload is in comments of its source. "chain" lists callers from the leaf outwards, each by its qualified name and, where
it has several places to call from, the name of one; "starts" marks the first line of a function and "line" those on which it may be:

    # chain: leaf <- work sorted <- run (truth.py) <- <module>      the file of another workload is in parentheses
    # chain 3.6-3.11: leaf <- (even <- odd)*150 <- work <- ...      of these versions; repeated; library functions, at least one
    def work():  # starts: work
        sorted(items, key=leaf)  # line: work sorted
"""

import hashlib
import os
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
    clock = getattr(time, "thread_time", time.process_time)  # 3.6 has none of a thread
    best = 0
    for _ in range(5):
        count = 0
        start = clock()
        while count < 10_000:
            count = step(count)
        best = max(best, count / (clock() - start))
    return int(best)


def active():
    return getattr(sys, "is_stack_trampoline_active", lambda: None)()


def report(handled):
    wanted.clear()
    values = (active(), answer(), calls_per_second(), handled)
    print("report active=%s digest=%s calls_per_second=%d handled=%d" % values, flush=True)


def deadline():
    return time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 1e9)


def run(handler, *arguments):  # starts: run
    signal.signal(signal.SIGUSR1, request_report)
    end = deadline()
    pause = float(os.environ.get("PAUSE", 0))
    handled = 0
    print("ready", flush=True)
    while time.monotonic() < end:
        handler(*arguments)  # line: run
        handled += 1
        if pause:
            time.sleep(pause)
        if wanted.is_set():
            report(handled)
