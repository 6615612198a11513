"""Starts a JVM in its own process, as JPype, pyjnius and Jep do, and then computes: jvm.py JAVA_HOME."""

import ctypes
import sys


class Option(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char_p), ("extra", ctypes.c_void_p)]


class Arguments(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int32),
        ("count", ctypes.c_int32),
        ("options", ctypes.POINTER(Option)),
        ("lenient", ctypes.c_uint8),
    ]


JNI_VERSION_1_8 = 0x10008
library = ctypes.CDLL(sys.argv[1] + "/lib/server/libjvm.so", mode=ctypes.RTLD_GLOBAL)
options = (Option * 2)(Option(b"-Xmx64m", None), Option(b"-Xrs", None))
machine, environment = ctypes.c_void_p(), ctypes.c_void_p()
arguments = ctypes.byref(Arguments(JNI_VERSION_1_8, len(options), options, 1))
assert library.JNI_CreateJavaVM(ctypes.byref(machine), ctypes.byref(environment), arguments) == 0


def burn(n):
    total = 0
    for i in range(n):
        total += i & 7
    return total


def middle():
    return burn(3000)


def outer():
    return middle()


print("ready", flush=True)
expected = outer()
while True:
    assert outer() == expected
