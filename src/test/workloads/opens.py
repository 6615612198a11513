"""Opens a known number of files in functions of known names; begins at a SIGUSR1, prints "done" and waits."""

import os
import signal


def open_many(times):
    for _ in range(times):
        os.close(os.open("/dev/null", os.O_RDONLY))


def open_few(times):
    for _ in range(times):
        os.close(os.open("/dev/null", os.O_RDONLY))


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
open_many(300)
open_few(70)
print("done", flush=True)
signal.pause()
