"""Calls functions whose code was made out of text, over and over; with an argument, stays in one of them. From 3.7 on, for dataclasses."""
import functools
import signal
import sys
import types
from collections import namedtuple

CLASS = """
from dataclasses import dataclass

@dataclass
class Order:
    number: int
    total: int = 0

    def __post_init__(self):
        work()
"""

RULES = """
def rule(number):
    return work(number)

class Rule:
    def run(self):
        return work()
"""

ATTRS = """
def __init__(self):
    work()
"""

WRAPPER = """
def wrapper(self):
    return work()
"""


def work(rounds=300):
    if len(sys.argv) > 1:
        print("ready", flush=True)
        signal.pause()
    total = 0
    for i in range(rounds):
        total += i
    return total


def module(name, source, file):
    made = types.ModuleType(name)
    made.work = work
    sys.modules[name] = made
    exec(compile(source, file, "exec"), made.__dict__)
    return made


class Plain:
    def search(self):
        pass


def like_attrs(cls):
    """Without a module's globals; says whose function it is, as attrs does."""
    made = {"work": work}
    exec(compile(ATTRS, "<attrs generated init shop.plain.Plain>", "exec"), made)
    made["__init__"].__module__ = "shop.plain"
    made["__init__"].__qualname__ = cls.__qualname__ + ".__init__"
    cls.__init__ = made["__init__"]


def wrapped(function):
    made = {"work": work}
    exec(compile(WRAPPER, "<generated wrapper>", "exec"), made)
    return functools.wraps(function)(made["wrapper"])


shop = module("shop.models", CLASS, "shop/models.py")
bank = module("bank.models", CLASS, "bank/models.py")
rules = module("rules.prices", RULES, "<rules>")
like_attrs(Plain)
Plain.search = wrapped(Plain.search)
Pair = namedtuple("Pair", "left right")

if len(sys.argv) > 1:
    bank.Order(1)
print("ready", flush=True)
while True:
    shop.Order(1)
    bank.Order(1)
    rules.rule(300)
    rules.Rule().run()
    Plain().search()
    for _ in range(200):
        Pair(1, 2)
