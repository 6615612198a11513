"""The helper in C, which holds registers, waits, and counts signals where Python would hide what happens."""

import ctypes
import os

PATH = os.environ["SELFCHECK_LIBRARY"]


def load():
    library = ctypes.CDLL(PATH)
    library.registers_hold.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_long, ctypes.c_uint64]
    library.registers_hold.restype = ctypes.c_char_p
    library.waits_check.restype = ctypes.c_char_p
    library.signals_fault.restype = ctypes.c_char_p
    library.signals_arrived.restype = ctypes.c_uint32
    library.signals_send.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_uint32]
    return library
