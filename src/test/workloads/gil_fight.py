"""One thread computes and has the interpreter's lock, another wants it, a third one computes without it."""

import threading
import time
import zlib

large = b"x" * (1 << 22)


def holds():
    total = 0
    while True:
        total += 1  # line 13
        total -= 1  # line 14


def wants():
    while True:
        time.sleep(0.001)  # line 19


def sums():
    while True:
        zlib.crc32(large)  # line 24


for target in holds, wants, sums:
    threading.Thread(target=target, daemon=True).start()
print("ready", flush=True)
time.sleep(1000)
