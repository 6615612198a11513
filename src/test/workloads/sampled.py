"""Runs a workload, and prints its stacks as the interpreter itself sees them: sampled.py COUNT WORKLOAD

A line per frame from the leaf outwards, of name, file, line and first line with tabs between, and an empty one behind each stack.
"""

import os
import sys
import threading
import time
import traceback

ready = threading.Event()


class Output:
    """What the workload prints goes nowhere."""

    def write(self, text):
        if text == "ready":
            ready.set()

    def flush(self):
        pass


def row(frame):
    code = frame.f_code
    return code.co_name if sys.version_info < (3, 11) else code.co_qualname, code.co_filename, frame.f_lineno, code.co_firstlineno


def rows(frame):
    while frame is not None and frame.f_code.co_filename != __file__:
        yield row(frame)
        frame = frame.f_back


def stacks():
    """Of all other threads. These may run again after a switch interval: what took nearly as long is not of one instant."""
    start = time.monotonic()
    own = threading.get_ident()
    found = [list(rows(frame)) for thread, frame in sys._current_frames().items() if thread != own]
    return found if time.monotonic() - start < sys.getswitchinterval() / 2 else []


def sample(count, out):
    ready.wait()
    while count > 0:
        time.sleep(0.002)
        for stack in stacks():
            if any(line is None for _, _, line, _ in stack):
                continue  # an instruction that is of no line
            out.write("".join("%s\t%s\t%d\t%d\n" % values for values in stack) + "\n")
            count -= 1


def sample_and_end(*arguments):
    try:
        sample(*arguments)
        arguments[1].flush()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


out = open(1, "w", encoding="utf-8", closefd=False)
sys.stdout = Output()
count = int(sys.argv[1])
del sys.argv[:2]
with open(sys.argv[0], encoding="utf-8") as file:
    program = compile(file.read(), sys.argv[0], "exec")
threading.Thread(target=sample_and_end, args=(count, out), daemon=True).start()
exec(program, {"__name__": "__main__", "__file__": sys.argv[0]})
