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
        sum(range(20_000_000))
        report(True)


def crunching():
    """Nearly always in C, briefly, in the interpreter's own file; reports are rare, for these can be met, too."""
    numbers = list(range(20_000))
    while True:
        report(all(sorted(numbers) == numbers for _ in range(2000)))


def entertaining():
    """The same, beside a subinterpreter in which nothing runs."""
    import _interpreters

    _interpreters.create()
    crunching()


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


def closing():
    """Forks children that close all descriptors that they do not know, as daemons do, and so does this at SIGUSR1: files are as written."""
    for count in detaching_rounds():
        child = os.fork()
        if child == 0:
            os._exit(0 if all(written(file, fresh(count)) for file in emptied(24)) else 1)
        report(os.waitpid(child, 0)[1] == 0)


def detaching():
    """The same without children."""
    for _ in detaching_rounds():
        report(True)


def detaching_rounds():
    """What was written into a file is looked at before it is closed."""
    asked = threading.Event()
    files = []
    signal.signal(signal.SIGUSR1, lambda *_: asked.set())
    for count in range(sys.maxsize):
        yield count
        if asked.is_set():
            asked.clear()
            files = emptied(len(files) + 4)
        report(all(written(file, -count) for file in files))
        time.sleep(NAP)


def emptied(count):
    """Whoever has kept a number writes into one of these."""
    os.closerange(3, 64)
    return [os.memfd_create("data") for _ in range(count)]


def written(file, count):
    """Functions that have not been called before are called between the lines; nothing else may stand there."""
    begin = os.lseek(file, 0, os.SEEK_END)
    expected = b""
    for _ in range(10):
        line = b"record %d\n" % fresh(count)
        os.write(file, line)
        expected += line
    return os.pread(file, 1 << 20, begin) == expected


def fresh(count):
    names = {}
    exec(f"def job(a):\n return a + {count}\n", names)
    return names["job"](count)


def housing():
    """A thread waits in a subinterpreter with a GIL of its own."""
    house()


def lodging():
    """The same with the GIL of the main interpreter."""
    house(False if sys.version_info < (3, 13) else "legacy")


def house(kind=None):
    """The trampoline must stay off in there."""
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    said, say = os.pipe()
    guest = interpreters.create() if kind is None else interpreters.create(isolated=kind) if not kind else interpreters.create(kind)
    source = f"import os, sys, time\nwhile True:\n os.write({say}, b'01'[sys.is_stack_trampoline_active():][:1])\n time.sleep(0.01)\n"
    threading.Thread(target=interpreters.run_string, args=(guest, source), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        report(os.read(said, 4096).strip(b"0") == b"" and all(digest() == EXPECTED for _ in range(10)))
        time.sleep(NAP / 10)  # a safe moment on a busy machine too; the guest is parked more often, and met first


def hardened():
    """As systemd's MemoryDenyWriteExecute from Linux 6.3 on: no filter, and no memory that becomes executable."""
    import ctypes

    pr_set_mdwe, refuse_exec_gain = 65, 1
    assert ctypes.CDLL(None).prctl(pr_set_mdwe, refuse_exec_gain, 0, 0, 0) == 0
    napping()


def leave(*_):
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.exit(0)


signal.signal(signal.SIGTERM, leave)
{
    "closing": closing,
    "detaching": detaching,
    "housing": housing,
    "lodging": lodging,
    "hardened": hardened,
    "napping": napping,
    "busy": busy,
    "churning": churning,
    "joining": joining,
    "serving": serving,
    "interrupted": interrupted,
    "opening": opening,
    "computing": computing,
    "crunching": crunching,
    "entertaining": entertaining,
    "allocating": allocating,
    "collecting": collecting,
    "loading": loading,
    "reading": reading,
    "deleting": deleting,
}[MODE]()
