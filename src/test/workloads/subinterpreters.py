"""leaf <- middle <- work in another interpreter, which a thread and the main program run; these are on the stack as well."""  # starts: <module>

# chain: leaf <- middle <- work <- ... <- start <- <module>
# chain: leaf <- middle <- work <- ... <- start <- ...

import sys
import threading

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def middle(n):  # starts: middle
    total = 0
    for _ in range(4):
        total ^= leaf(n)  # line: middle
    return total


def work():  # starts: work
    while True:
        middle(500)  # line: work


def start(interpreter):  # starts: start
    interpreters.run_string(interpreter, INSIDE)  # line: start


INSIDE = """
import sys
sys.path.insert(0, %r)
import subinterpreters
subinterpreters.work()
""" % sys.path[0]

if __name__ == "__main__":
    own = interpreters.create()
    if sys.version_info >= (3, 12):  # before, two at a time wait for each other
        threading.Thread(target=start, args=(interpreters.create(),), daemon=True).start()
    print("ready", flush=True)
    start(own)  # line: <module>
