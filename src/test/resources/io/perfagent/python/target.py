"""A program for the injector's tests: does one thing over and over and reports on itself, a line at a time."""

import _ctypes
import asyncio
import gc
import glob
import math
import os
import select
import signal
import socket
import sys
import sysconfig
import tempfile
import threading
import time

MODE = sys.argv[1]
NAP = 0.03
START_MASK = signal.pthread_sigmask(signal.SIG_BLOCK, [])


def digest():
    x, y = 0.5, 3
    for i in range(1, 3000):
        x = math.sqrt(x * 1.0000001 + i / (x + 1.0)) + float(i % 7) / 3.0
        y = mix(y, i)
    return x.hex() + hex(y)


def mix(y, i):
    return (y * 31 + i) & 0xFFFFFFFFFF


EXPECTED = digest()


def same_mask():
    return signal.pthread_sigmask(signal.SIG_BLOCK, []) == START_MASK


def report(right):
    right = right and same_mask()
    sys.stdout.write(f"active={sys.is_stack_trampoline_active()} right={right}\n")
    sys.stdout.flush()


def lasts(seconds, wait):
    begin = time.monotonic()
    wait()
    return time.monotonic() - begin >= seconds


def napping():
    while True:
        report(lasts(NAP, lambda: time.sleep(NAP)))


def busy():
    while True:
        right = all(digest() == EXPECTED for _ in range(10))
        report(right)


def churning():
    while True:
        made = {}
        for i in range(200):
            exec(f"def made_{i}(a):\n return a + {i}\n", made)
            made[f"made_{i}"](i)
        report(digest() == EXPECTED)


def joining():
    workers = [threading.Thread(target=busy, daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def serving():
    async def tick():
        begin = time.monotonic()
        await asyncio.sleep(NAP)
        report(time.monotonic() - begin >= NAP - 0.002 and digest() == EXPECTED)

    async def main():
        while True:
            await tick()

    asyncio.run(main())


def interrupted():
    """One signal at a time, each of which must end the pause or the select that it arrives in."""
    seen = []
    signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    ours, _theirs = socket.socketpair()
    while True:
        before = len(seen)
        signal.setitimer(signal.ITIMER_REAL, 0.002)
        while len(seen) == before:
            select.select([ours], [], [], 5.0) if before % 2 else time.sleep(0.004)
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        signal.pause() if len(seen) == before + 1 else None
        report(len(seen) <= before + 2 and lasts(NAP, lambda: time.sleep(NAP)))


def opening():
    """The main thread is in a call that nobody borrows from, and stays there; a worker runs."""
    threading.Thread(target=busy, daemon=True).start()
    path = f"/tmp/perf-agent-fifo-{os.getpid()}"
    os.mkfifo(path)
    try:
        open(path)
    finally:
        os.unlink(path)


def computing():
    """Seconds at a time in C, and never without the GIL."""
    report(True)
    while True:
        sum(range(100_000_000))
        report(True)


def crunching():
    """Nearly always in C, briefly, in the interpreter's own file; reports are rare, for these can be met, too."""
    numbers = list(range(20_000))
    while True:
        report(all(sorted(numbers) == numbers for _ in range(2000)))


def allocating():
    while True:
        for size in range(600, 60_000, 7):
            bytearray(size)
        report(digest() == EXPECTED)


def collecting():
    while True:
        knots = []
        for _ in range(1000):
            knot = [None]
            knot[0] = knot
            knots.append(knot)
        gc.collect()
        report(digest() == EXPECTED)


def loading():
    """Maps a library again and again; the loader's lock is held most of the time."""
    library = glob.glob(sysconfig.get_path("platstdlib") + "/lib-dynload/_bz2.*.so")[0]
    while True:
        for _ in range(50):
            _ctypes.dlclose(_ctypes.dlopen(library, 1))
        report(True)


def reading():
    """Nearly always in the kernel, without the GIL: hardly ever met in the evaluation loop."""
    size = 16 << 20
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(bytes(range(256)) * (size // 256))
        buffer = bytearray(size)
        while True:
            right = True
            for _ in range(20):
                file.seek(0)
                right = os.readv(file.fileno(), [buffer]) == size and buffer[-1] == 255 and right
            report(right and digest() == EXPECTED)


def deleting():
    """A thread that ends waits for the list of threads, with the GIL and without a current thread state (CPython 3.13)."""
    import ctypes

    hold = ctypes.CDLL(os.environ["HOLD"]).hold
    runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    head = ctypes.c_uint64.from_address(runtime + 40).value  # _Py_DebugOffsets: runtime_state.interpreters_head
    while True:
        threading.Thread(target=time.sleep, args=(0.01,)).start()
        hold(ctypes.c_void_p(runtime + head - 8), 200)  # the lock stands before what it is for
        report(digest() == EXPECTED)


def leave(*_):
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.exit(0)


signal.signal(signal.SIGTERM, leave)
{
    "napping": napping,
    "busy": busy,
    "churning": churning,
    "joining": joining,
    "serving": serving,
    "interrupted": interrupted,
    "opening": opening,
    "computing": computing,
    "crunching": crunching,
    "allocating": allocating,
    "collecting": collecting,
    "loading": loading,
    "reading": reading,
    "deleting": deleting,
}[MODE]()
