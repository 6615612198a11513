"""A thread serves in a subinterpreter, where it mostly sleeps: the trampoline stays off in there, whatever is switched outside."""

import os
import threading

import selfcheck

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

heard, say = os.pipe()
asked, leave = os.pipe()
for end in heard, asked:
    os.set_blocking(end, False)

SERVE = f"""
import os, sys, time
def left():
    try:
        return os.read({asked}, 1)
    except BlockingIOError:
        return b""
while not left():
    os.write({say}, b"1" if sys.is_stack_trampoline_active() else b"0")
    time.sleep(0.003)
"""

guest = interpreters.create()
server = threading.Thread(target=interpreters.run_string, args=(guest, SERVE))
server.start()


def weight(i):
    return i


def play():
    selfcheck.equal(sum(weight(i) for i in range(2000)), 1999000, "sum")
    try:
        said = os.read(heard, 4096)
    except BlockingIOError:
        said = b""
    selfcheck.check(b"1" not in said, "foreign", "the trampoline is on in a subinterpreter")


def finish():
    os.write(leave, b"x")
    server.join()
    interpreters.destroy(guest)


selfcheck.main(play, finish)
