"""The main thread waits for ever in a call of C that has not released the GIL: all others wait for that."""

import ctypes
import threading
import time


def works():
    while True:
        pass


def holds():
    print("ready", flush=True)
    ctypes.PyDLL(None).pause()


for _ in range(3):
    threading.Thread(target=works, daemon=True).start()
time.sleep(0.2)
holds()
