"""Forks, execs and pipes without end: every child's status and output is known, and every SIGCHLD must arrive before the next fork."""

import os
import signal
import subprocess
import sys
import time

import selfcheck

PATIENCE = 10
ECHO = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"]
arrived = 0


def count(*_):
    global arrived
    arrived += 1


signal.signal(signal.SIGCHLD, count)


def forked(status):
    """A child that computes with the interpreter it inherited, trampoline included."""
    before = arrived
    child = os.fork()
    if child == 0:
        total = sum(weight(i) for i in range(200))
        os._exit(status if total == 19900 else 99)
    _, found = os.waitpid(child, 0)
    selfcheck.equal(found, status << 8, "status of a fork")
    await_signal(before)


def weight(i):
    return i


def await_signal(before):
    end = time.monotonic() + PATIENCE
    while arrived == before:
        selfcheck.check(time.monotonic() < end, "signal", "SIGCHLD lost")
    selfcheck.check(arrived == before + 1, "signal", "SIGCHLD %d times instead of once" % (arrived - before))


def piped(text):
    before = arrived
    with subprocess.Popen(ECHO, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:
        output, _ = echo.communicate(text)
    selfcheck.equal(output, text, "pipe")
    selfcheck.equal(echo.returncode, 0, "status of echo")
    await_signal(before)


def play():
    for status in range(3):
        forked(status)
    piped(b"0123456789" * 20000)


selfcheck.main(play)
