"""Becomes another program under the same PID again and again, by execve in the middle of whatever is going on."""

import os
import sys
import time

import selfcheck

begin = time.monotonic()


def play():
    time.sleep(0.002)
    if time.monotonic() - begin > 0.05:
        os.execv(sys.executable, [sys.executable, *sys.argv])


selfcheck.main(play)
