"""Closes every descriptor that it does not know, as daemons do, and so do its children: what they open then holds what they wrote, no more.

All of them call functions that have not been called before, between any two lines.
"""

import os
import time

import selfcheck

UNKNOWN = range(3, 48)
CLOSE_SECONDS = 0.1
FEW, MANY = 6, 24

closed = 0.0
serial = 0
files = []


def emptied(count):
    """Whoever has kept a number writes into one of these, or closes it. What was opened behind a few has the number of one of many."""
    os.closerange(UNKNOWN.start, UNKNOWN.stop)
    return [os.memfd_create("data") for _ in range(count)]


def fresh():
    global serial
    serial += 1
    names = {}
    exec("def job(a):\n return a + %d\n" % serial, names)
    return names["job"](0)


def written(targets):
    """What stands there that should not; None where nothing does."""
    try:
        begins = [os.lseek(target, 0, os.SEEK_END) for target in targets]
        lines = [b"record %d\n" % fresh() for _ in targets]
        for target, line in zip(targets, lines):
            os.write(target, line)
            fresh()
        found = [os.pread(target, 1 << 16, begin) for target, begin in zip(targets, begins)]
        return None if found == lines else "%r in files" % found
    except OSError as error:
        return "a file was closed: %s" % error


def child():
    pid = os.fork()
    if pid == 0:
        fresh()
        os._exit(0 if written(emptied(MANY)) is None else 1)
    _, status = os.waitpid(pid, 0)
    selfcheck.check(status == 0, "foreign", "something in a child's file, status %#x" % status)


def play():
    global closed, files
    if time.monotonic() - closed > CLOSE_SECONDS:
        closed = time.monotonic()
        files = emptied(MANY if len(files) == FEW else FEW)
    child()
    wrong = written(files)
    selfcheck.check(wrong is None, "foreign", wrong)


selfcheck.main(play)
