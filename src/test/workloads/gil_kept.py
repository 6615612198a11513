"""One thread keeps the interpreter's lock in a call of C, and another waits for it all the while."""

import ctypes
import sys
import threading
import time

library = ctypes.PyDLL(None)  # which keeps the lock in its calls


def keeps():
    library.usleep(1000000000)  # line 12


def wants():
    while True:
        time.sleep(0.05)  # line 17


sys.setswitchinterval(1000)  # for so long one waits at a time
threading.Thread(target=wants, daemon=True).start()
print("ready", flush=True)
time.sleep(0.5)
keeps()
