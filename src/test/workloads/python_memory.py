"""Where an interpreter has its state, for programs that are read from outside. Runs on every version from 3.6 on."""
import ctypes
import sys


def runtime():
    """The address of _PyRuntime; of 3.6, which has none, of the function that returns the first interpreter."""
    if sys.version_info < (3, 7):
        return ctypes.cast(ctypes.pythonapi.PyInterpreterState_Head, ctypes.c_void_p).value
    return ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))


def thread_state():
    """The address of this thread's PyThreadState."""
    get = ctypes.pythonapi.PyThreadState_Get
    get.restype = ctypes.c_void_p
    return get()
