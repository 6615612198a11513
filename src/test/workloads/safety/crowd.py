"""Two hundred threads that pass a token around, sleep and compute, and all of which must still be there at the end."""

import queue
import threading
import time

import selfcheck

THREADS = 200
FORWARD = [queue.Queue() for _ in range(THREADS)]


def work(index):
    token = FORWARD[index].get()
    if token is not None:
        time.sleep(0.0001 if index % 40 == 0 else 0)
        FORWARD[(index + 1) % THREADS].put(step(token, index))


def step(token, index):
    return token * 31 + index & 0xFFFFFFFF


def around(token):
    for index in range(1, THREADS):
        token = step(token, index)
    return token


def play():
    FORWARD[1].put(7)
    selfcheck.equal(FORWARD[0].get(timeout=20), EXPECTED, "token")
    selfcheck.equal(threading.active_count(), THREADS, "threads")


EXPECTED = around(7)
for index in range(1, THREADS):
    selfcheck.repeat(work, index)


def wake():
    for index in range(1, THREADS):
        FORWARD[index].put(None)


selfcheck.main(play, wake=wake)
