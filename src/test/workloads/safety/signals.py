"""Signal storms, counted. Another process sends

  - numbered real-time signals at 1 kHz, to the main thread and to one that sleeps: each must come once, in turn,
  - SIGUSR1, each when the one before has been acknowledged: none may get lost, or come twice.

SIGALRM comes at 1 kHz too; a timer that is late skips, so that there can be fewer than milliseconds, never more.
"""

import os
import signal
import sys
import time

import native
import selfcheck

LIBRARY = native.load()
TO_MAIN, TO_SLEEPER = signal.SIGRTMIN + 3, signal.SIGRTMIN + 4
INTERVAL = 0.001
PATIENCE = 10


def send_in_turn(pid, tid, number, sequence):
    """0 where it was queued; EAGAIN while the queue is full is no loss."""
    return LIBRARY.signals_send(pid, tid, number, sequence) == 0


def send(target, sleeper, acknowledgements, orders, results):
    """The sending process: ends when told to, and says how many of each it sent."""
    sent = {TO_MAIN: 0, TO_SLEEPER: 0, signal.SIGUSR1: 0}
    waiting_since = None
    os.set_blocking(acknowledgements, False)
    os.set_blocking(orders, False)
    while not ended(orders):
        for number, tid in ((TO_MAIN, target), (TO_SLEEPER, sleeper)):
            sent[number] += send_in_turn(target, tid, number, sent[number])
        came = available(acknowledgements)
        selfcheck.check(came <= (waiting_since is not None), "signal", "SIGUSR1 came more often than it was sent")
        if came:
            waiting_since = None
        if waiting_since is None:
            os.kill(target, signal.SIGUSR1)
            sent[signal.SIGUSR1] += 1
            waiting_since = time.monotonic()
        if time.monotonic() - waiting_since > PATIENCE:
            os.kill(target, signal.SIGKILL)
            selfcheck.fault("signal", "SIGUSR1 lost")
        time.sleep(INTERVAL)
    os.write(results, b"%d %d %d" % tuple(sent.values()))


def available(descriptor):
    try:
        return len(os.read(descriptor, 100))
    except BlockingIOError:
        return 0


def ended(descriptor):
    try:
        return os.read(descriptor, 1) == b""
    except BlockingIOError:
        return False


def start_sender(sleeper):
    target = os.getpid()
    acknowledgements, acknowledge = os.pipe()
    orders, order = os.pipe()
    results, result = os.pipe()
    LIBRARY.signals_acknowledge(signal.SIGUSR1, acknowledge)
    if os.fork() == 0:
        for descriptor in (order, acknowledge, results):
            os.close(descriptor)
        send(target, sleeper, acknowledgements, orders, result)
        os._exit(0)
    for descriptor in (acknowledgements, orders, result):
        os.close(descriptor)
    return order, results


def sleep():
    """The one thread that TO_SLEEPER can arrive at."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [TO_SLEEPER])
    LIBRARY.registers_hold(50, 20_000, 0, 5)
    time.sleep(0.002)


def arrived(number):
    return LIBRARY.signals_arrived(int(number))


def await_all(sent):
    end = time.monotonic() + PATIENCE
    while any(arrived(number) < count for number, count in sent.items()):
        if time.monotonic() > end:
            break
    for number, count in sent.items():
        found = arrived(number)
        selfcheck.check(found == count, "signal", "%s: %d sent, %d handled" % (number, count, found))


for number in (TO_MAIN, TO_SLEEPER):
    LIBRARY.signals_expect_in_turn(int(number))
signal.pthread_sigmask(signal.SIG_BLOCK, [TO_MAIN, TO_SLEEPER, signal.SIGALRM, signal.SIGUSR1])
sleeping = selfcheck.repeat(sleep)
order, results = start_sender(sleeping.native_id)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [TO_MAIN, signal.SIGALRM, signal.SIGUSR1])

LIBRARY.signals_count(int(signal.SIGALRM))
begin = time.monotonic()
signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)


def play():
    time.sleep(0.003)
    sum(i * i for i in range(3000))
    wrong = LIBRARY.signals_fault()
    selfcheck.check(wrong is None, "signal", (wrong or b"").decode())
    alarms, most = arrived(signal.SIGALRM), (time.monotonic() - begin) / INTERVAL + 1
    selfcheck.check(alarms <= most, "signal", "SIGALRM: %d in %d ms" % (alarms, most))


def finish():
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.close(order)
    sent = [int(count) for count in os.read(results, 100).split()]
    os.wait()
    await_all(dict(zip((TO_MAIN, TO_SLEEPER, signal.SIGUSR1), sent)))
    selfcheck.check(arrived(signal.SIGALRM) > 0, "signal", "no SIGALRM at all")
    selfcheck.say("signals %d" % sum(sent))


selfcheck.main(play, finish)
