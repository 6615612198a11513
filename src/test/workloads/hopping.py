"""Threads that sleep hundreds of times a second, each time below another chain of calls: in one of "left" or of "right", never in both."""

import threading
import time


def left(depth):
    if depth:
        left(depth - 1)
    else:
        time.sleep(0.002)


def right(depth):
    if depth:
        right(depth - 1)
    else:
        time.sleep(0.002)


def work():
    depth = 0
    while True:
        depth = (depth + 7) % 20
        left(depth)
        right(19 - depth)


for _ in range(12):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
while True:
    time.sleep(3600)
