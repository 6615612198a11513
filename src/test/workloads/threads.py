"""leaf <- middle <- handler <- work in each of eight threads, while the main thread sleeps."""

import signal
import threading
import time

import truth


def leaf(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) & 0xFFFFFFFF
    return total


def middle(n):
    total = 0
    for _ in range(2):
        total ^= leaf(n)
    return total


def handler(n):
    total = 0
    for _ in range(2):
        total ^= middle(n)
    return total


def work():
    while True:
        handler(200)


signal.signal(signal.SIGUSR1, truth.request_report)
for number in range(8):
    threading.Thread(target=work, name="worker-%d" % number, daemon=True).start()
end = truth.deadline()
print("ready", flush=True)
while time.monotonic() < end:
    time.sleep(0.05)
    if truth.wanted.is_set():
        truth.report(0)
