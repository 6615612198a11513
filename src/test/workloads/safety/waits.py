"""Every system call that waits with a timeout, by C in threads and by Python in the main thread: none returns early or with EINTR."""

import select
import threading
import time

import native
import selfcheck

LIBRARY = native.load()
POLL = select.poll()
EPOLL = select.epoll()
LOCK = threading.Lock()
LOCK.acquire()

PYTHON = {
    "time.sleep": time.sleep,
    "select.select": lambda seconds: select.select([], [], [], seconds),
    "select.poll": lambda seconds: POLL.poll(seconds * 1000),
    "select.epoll": lambda seconds: EPOLL.poll(seconds),
    "Lock.acquire": lambda seconds: LOCK.acquire(timeout=seconds),
}


def wait_in_c(kind):
    wrong = LIBRARY.waits_check(kind, 7)
    selfcheck.check(wrong is None, "time", (wrong or b"").decode())


def play():
    for name, wait in PYTHON.items():
        begin = time.monotonic()
        wait(0.004)
        took = time.monotonic() - begin
        selfcheck.check(took >= 0.004, "time", "%s of 4 ms returned after %.3f ms" % (name, took * 1000))


for kind in range(LIBRARY.waits_count()):
    selfcheck.repeat(wait_in_c, kind)

selfcheck.main(play)
