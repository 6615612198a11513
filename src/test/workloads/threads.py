"""leaf <- middle <- handler <- work in each of eight threads, while the main thread sleeps."""  # starts: <module>

# chain: leaf <- middle <- handler <- work <- ...

import signal
import threading
import time

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def middle(n):  # starts: middle
    total = 0
    for _ in range(2):
        total ^= leaf(n)  # line: middle
    return total


def handler(n):  # starts: handler
    total = 0
    for _ in range(2):
        total ^= middle(n)  # line: handler
    return total


def work():  # starts: work
    while True:
        handler(200)  # line: work


signal.signal(signal.SIGUSR1, truth.request_report)
for number in range(8):
    threading.Thread(target=work, name="worker-%d" % number, daemon=True).start()
end = truth.deadline()
print("ready", flush=True)
while time.monotonic() < end:
    time.sleep(0.05)
    if truth.wanted.is_set():
        truth.report(0)
