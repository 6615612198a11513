"""Calls of leaf from statements of all kinds, each by a way of its own, so that a line tells which one it was."""  # starts: <module>

# chain: leaf <- first <- handler first <- run (truth.py) <- <module>
# chain: leaf <- condition <- handler condition <- run (truth.py) <- <module>
# chain: leaf <- branch <- handler branch <- run (truth.py) <- <module>
# chain: leaf <- items <- handler items <- run (truth.py) <- <module>
# chain: leaf <- loop <- handler loop <- run (truth.py) <- <module>
# chain: leaf <- other <- handler else <- run (truth.py) <- <module>
# chain: leaf <- caught <- handler caught <- run (truth.py) <- <module>
# chain: leaf <- at_last <- handler finally <- run (truth.py) <- <module>
# chain: leaf <- Manager.__enter__ <- handler with <- run (truth.py) <- <module>
# chain: leaf <- managed <- handler managed <- run (truth.py) <- <module>
# chain: leaf <- key <- handler key <- run (truth.py) <- <module>
# chain: leaf <- value <- handler value <- run (truth.py) <- <module>
# chain: leaf <- default <- handler default <- run (truth.py) <- <module>
# chain: leaf <- long <- handler long <- run (truth.py) <- <module>
# chain: leaf <- last <- handler last <- run (truth.py) <- <module>

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


class Manager:
    def __enter__(self):  # starts: Manager.__enter__
        return leaf(3000)  # line: Manager.__enter__

    def __exit__(self, *exception):
        return False


def first():  # starts: first
    return leaf(3000) | 1  # line: first


def condition():  # starts: condition
    return leaf(3000) | 1  # line: condition


def branch():  # starts: branch
    return leaf(3000) | 1  # line: branch


def items():  # starts: items
    return (leaf(3000),)  # line: items


def loop():  # starts: loop
    return leaf(3000) | 1  # line: loop


def other():  # starts: other
    return leaf(3000) | 1  # line: other


def caught():  # starts: caught
    return leaf(3000) | 1  # line: caught


def at_last():  # starts: at_last
    return leaf(3000) | 1  # line: at_last


def managed():  # starts: managed
    return leaf(3000) | 1  # line: managed


def key():  # starts: key
    return leaf(3000) | 1  # line: key


def value():  # starts: value
    return leaf(3000) | 1  # line: value


def default():  # starts: default
    return leaf(3000) | 1  # line: default


def long():  # starts: long
    return leaf(3000) | 1  # line: long


def last():  # starts: last
    return leaf(3000) | 1  # line: last


def handler():  # starts: handler
    first()  # line: handler first
    if condition():  # line: handler condition
        branch()  # line: handler branch
    for _ in items():  # line: handler items
        loop()  # line: handler loop
    else:
        other()  # line: handler else
    try:
        raise ValueError
    except ValueError:
        caught()  # line: handler caught
    finally:
        at_last()  # line: handler finally
    with Manager():  # line: handler with
        managed()  # line: handler managed
    table = {
        "first": 1,
        key(): [  # line: handler key
            1,
            value(),  # line: handler value
            2,
        ],
        "last": 2,
    }

    def inside(n=default()):  # line: handler default
        return n, table

    table = 1 if inside else 0; table = -table; table = -table; long()  # line: handler long
    while True:
        if table:
            last()  # line: handler last
            break


truth.run(handler)  # line: <module>
