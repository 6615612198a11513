"""Compiles what it is told to, keeps the code, and says what the interpreter knows of it.

Standard output: the directory of the standard library and where the interpreter's state is. Standard input: a line per module, the path of its source; "odd" for what no module has. Then, for each code object
    address first_line name file lines          (name and file: UTF-16 in hexadecimal digits; lines: see below)
and a line "end" for each module. Lines are those of PyCode_Addr2Line, which tracebacks use, for each instruction: line*count, in order, 0 for
none, and first that of offset -1. "compiled" is answered by the address, the name and "True" or "False" of code that stands, or does not, for
functions that were compiled to C, made as Nuitka 4.3.3 makes it. Runs on every version from 3.6 on.
"""
import ctypes
import os
import python_memory
import sys
import types
import warnings

addr2line = ctypes.pythonapi.PyCode_Addr2Line
addr2line.restype = ctypes.c_int
addr2line.argtypes = [ctypes.py_object, ctypes.c_int]
kept = []


def hexadecimal(text):
    return text.encode("utf-16-le", "surrogatepass").hex() or "-"


def lines(code):
    runs = []
    for offset in [-1] + list(range(0, len(code.co_code), 2)):
        line = max(0, addr2line(code, offset))
        if runs and runs[-1][0] == line:
            runs[-1][1] += 1
        else:
            runs.append([line, 1])
    return ",".join("%d*%d" % (line, count) for line, count in runs)


def show(code):
    kept.append(code)
    name = getattr(code, "co_qualname", code.co_name)
    print(id(code), max(0, code.co_firstlineno), hexadecimal(name), hexadecimal(code.co_filename), lines(code))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            show(constant)


def odd():
    """Texts of every width, and tables of lines with all that they may have."""
    far = "def far(x):\n" + "\n" * 1000 + "    y = x\n" + "\n" * 70000 + "    return [y,\n\n\n" + " x,\n" * 300 + " x]\n"
    loops = "def loops(f):\n" + "".join("    for i in f(%d): f(i,\n  i)\n" % i for i in range(300))
    flat = "def flat(f):\n    return (" + " + ".join("f(%d)" % i for i in range(500)) + ")\n"
    guarded = "def guarded(f):\n    with f as g:\n        try:\n            g()\n        finally:\n            del g\n    return lambda: f\n"
    back = "def back(f):\n    return f(\n" + "\n" * 200 + "        f(1),\n        2 if f else 3)\n"
    nested = "class A:\n    class B:\n        def method(self):\n            return [x for x in (lambda: self)()]\n"
    for source in (far, loops, flat, guarded, back, nested, ""):
        yield compile(source, "/odd/\udcff.py", "exec")
    for word in ("f", "caf\xe9", "\u0436\u0443\u043a", "\u51fd\u6570", "\U00010428\U00010429", "x" * 2000, "\u0436" * 1000):
        yield compile("def %s(): pass" % word, "/odd/%s.py" % word, "exec")
        yield compile("\n" * 200 + "lambda: 1", "/odd/\U0001f40d %s.py" % word, "exec")
    yield compile("def f():\n    return 1\n", "", "exec")


def without_instructions(code):
    if hasattr(code, "replace"):
        return code.replace(co_code=b"")
    return types.CodeType(
        code.co_argcount, code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize, code.co_flags, b"", code.co_consts, code.co_names,
        code.co_varnames, code.co_filename, code.co_name, code.co_firstlineno, code.co_lnotab, code.co_freevars, code.co_cellvars,
    )


def say_compiled():
    def stand_in():
        raise RuntimeError("Compiled function bytecode used")

    def other():
        raise RuntimeError("Compiled function bytecode USED")

    def nothing():
        pass

    made = stand_in.__code__ if sys.version_info >= (3, 11) else without_instructions(nothing.__code__)
    for code, compiled in ((made, True), (other.__code__, False), (nothing.__code__, False), (say_compiled.__code__, False)):
        kept.append(code)
        print(id(code), code.co_name, compiled)


def modules():
    for line in sys.stdin:
        if line.strip() == "compiled":
            say_compiled()
            yield []
        elif line.strip() == "odd":
            yield odd()
        else:
            with open(line.strip(), "rb") as file:
                source = file.read()
            try:
                yield [compile(source, line.strip(), "exec", dont_inherit=True)]
            except (SyntaxError, ValueError):  # bad on purpose
                yield []


warnings.simplefilter("ignore")
sys.setrecursionlimit(5000)
print(os.path.dirname(os.__file__), python_memory.runtime(), flush=True)
for module in modules():
    for code in module:
        show(code)
    print("end", flush=True)
    if len(kept) > 2000:
        del kept[:]
