"""What every target of the safety suite does: it checks itself round after round, and says so a line at a time.

    ready
    ok ROUNDS ACTIVE                          ACTIVE is 1 while the trampoline is on
    fault KIND WHAT                           the first fault; the status is 3. KIND is digest, signal, time, state or foreign
    done ROUNDS                               after the end of standard input; the status is 0

Nothing here blocks in a system call, so that a target alone decides where its threads can be met.
"""

import os
import select
import sys
import threading
import time

import surroundings

REPORT_SECONDS = 0.01

workers = []
ending = threading.Event()


def say(line):
    os.write(1, (line + "\n").encode())


def fault(kind, what):
    """Ends the process, whichever thread finds out."""
    say("fault %s %s" % (kind, what))
    os._exit(3)


def check(right, kind, what):
    if not right:
        fault(kind, what)


def equal(found, expected, what):
    if found != expected:
        fault("digest", "%s: %r instead of %r" % (what, found, expected))


def stopping():
    return bool(select.select([0], [], [], 0)[0])


def repeat(work, *arguments):
    """Calls `work` again and again in a thread of its own.

    The threads are joined at the end. Daemon threads that are still there when CPython up to 3.13 shuts down can crash it where its
    trampoline is in use, under `python -X perf` just as well: it unmaps the trampolines, and then unwinds those threads.
    """

    def loop():
        while not ending.is_set():
            work(*arguments)

    worker = threading.Thread(target=loop, daemon=True)
    workers.append(worker)
    worker.start()
    return worker


def main(play, finish=lambda: None, wake=lambda: None):
    """Calls `play` until standard input ends, then `finish` for the final checks, and `wake` for threads that wait for something."""
    surroundings.enter()
    rounds = 0
    reported = 0.0
    say("ready")
    while not stopping():
        play()
        rounds += 1
        now = time.monotonic()
        if now - reported >= REPORT_SECONDS:
            reported = now
            say("ok %d %d" % (rounds, sys.is_stack_trampoline_active()))
    finish()
    ending.set()
    wake()
    for worker in workers:
        worker.join()
    say("done %d" % rounds)
