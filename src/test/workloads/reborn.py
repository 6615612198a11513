"""Makes code that dies, and other code in its place.

For each line of standard input: a new function's code, with another body, name or first line than the one before, is the only one that is
alive, and the answer is its address and its name. First, where the interpreter's state is. Runs on every version from 3.6 on.
"""
import gc
import python_memory
import sys

print(python_memory.runtime(), flush=True)
count = 0
made = None
for line in sys.stdin:
    made = None
    gc.collect()
    count += 1
    name = "f%d" % (count // 3)
    source = "\n" * (count % 3) + "def %s(x):\n  return x\n" % name
    made = compile(source, "<made>", "exec").co_consts[0]
    print(id(made), getattr(made, "co_qualname", made.co_name), made.co_firstlineno, flush=True)
