"""leaf, in code that has released the GIL, in two threads: compressing and hashing large data."""  # starts: <module>

# chain: leaf zlib <- middle zlib <- handler zlib <- run (truth.py) <- <module>
# chain: leaf hash <- middle hash <- handler hash <- run (truth.py) <- <module>
# chain: leaf zlib <- middle zlib <- work <- ...

import hashlib
import threading
import zlib

import truth

DATA = bytes(i * i % 251 for i in range(1 << 18))


def leaf(kind):  # starts: leaf
    if kind == "zlib":  # line: leaf zlib  # line: leaf hash
        return len(zlib.compress(DATA, 1))  # line: leaf zlib
    return hashlib.sha256(DATA).hexdigest()  # line: leaf hash


def middle(kind):  # starts: middle
    if kind == "zlib":
        return leaf("zlib")  # line: middle zlib
    return leaf("hash")  # line: middle hash


def handler():  # starts: handler
    middle("zlib")  # line: handler zlib
    for _ in range(8):
        middle("hash")  # line: handler hash


def work():  # starts: work
    while True:
        middle("zlib")  # line: work


threading.Thread(target=work, daemon=True).start()
truth.run(handler)  # line: <module>
