"""The import lock and the dynamic loader's lock taken all the time: modules imported anew, code made and thrown away, dlopen, dlclose."""

import importlib
import sys

import _ctypes

import native
import selfcheck

MODULES = ("colorsys", "fractions", "textwrap", "quopri", "statistics")


def load_library():
    handle = _ctypes.dlopen(native.PATH, 2)
    address = _ctypes.dlsym(handle, "waits_count")
    selfcheck.check(address != 0, "digest", "dlsym")
    _ctypes.dlclose(handle)


def import_modules():
    for name in MODULES:
        sys.modules.pop(name, None)
    for name in MODULES:
        importlib.import_module(name)
    colors = sys.modules["colorsys"].rgb_to_hls(0.25, 0.5, 0.75)
    selfcheck.equal(tuple(map(float.hex, colors)), COLORS, "colorsys")


def make_code():
    made = {}
    for i in range(50):
        exec("def made_%d(a):\n return a * %d\n" % (i, i), made)
        selfcheck.equal(made["made_%d" % i](3), 3 * i, "made code")


COLORS = tuple(map(float.hex, importlib.import_module("colorsys").rgb_to_hls(0.25, 0.5, 0.75)))


def play():
    import_modules()
    make_code()


selfcheck.repeat(load_library)

selfcheck.main(play)
