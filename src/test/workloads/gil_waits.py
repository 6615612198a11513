"""Three functions that wait: for the time, for data, and for the interpreter's lock, which another thread has."""

import os
import threading
import time

reads, writes = os.pipe()


def for_time():
    for _ in range(1):
        time.sleep(0.004)  # line 12


def for_data():
    os.read(reads, 1)  # line 16


def for_the_lock():
    while True:
        time.sleep(0.0005)  # line 21


def computes():
    total = 0
    while True:
        for number in range(10000):
            total += number


def sends():
    while True:
        time.sleep(0.03)
        os.write(writes, b".")


for target in sends, for_the_lock, computes:
    threading.Thread(target=target, daemon=True).start()
print("ready", flush=True)
while True:
    for_time()
    for_data()
