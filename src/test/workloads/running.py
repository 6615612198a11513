"""Loops that go on for ever and call nothing: in leaf in a thread, and in the module itself."""  # starts: <module>

# chain: leaf <- middle <- work <- ...
# chain: <module>

import threading
import time


def leaf():  # starts: leaf
    total = 0
    while True:  # line: leaf
        total = (total * 31 + 1) & 0xFFFFFFFF  # line: leaf


def middle():  # starts: middle
    leaf()  # line: middle


def work():  # starts: work
    middle()  # line: work


threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
print("ready", flush=True)
number = 0
while True:  # line: <module>
    number = (number * 31 + 1) & 0xFFFFFFFF  # line: <module>
