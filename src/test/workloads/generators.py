"""leaf <- inner <- middle <- outer, generators that a loop, sum, a generator expression, next and send go on with."""  # starts: <module>

# chain: leaf <- inner <- middle <- outer <- with_for <- handler for <- run (truth.py) <- <module>
# chain: leaf <- inner <- middle <- outer <- with_sum <- handler sum <- run (truth.py) <- <module>
# chain: leaf <- inner <- middle <- outer <- with_next <- handler next <- run (truth.py) <- <module>
# chain: leaf <- inner <- middle <- outer <- with_genexpr.<locals>.<genexpr> <- with_genexpr <- handler genexpr <- run (truth.py) <- <module>
# chain: leaf <- receiver <- with_send <- handler send <- run (truth.py) <- <module>

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def inner(n):  # starts: inner
    for i in range(n):
        yield leaf(2000) ^ i  # line: inner


def middle(n):  # starts: middle
    yield from inner(n)  # line: middle


def outer(n):  # starts: outer
    yield from middle(n)  # line: outer


def with_for():  # starts: with_for
    for number in outer(8):  # line: with_for
        assert number >= 0


def with_sum():  # starts: with_sum
    return sum(outer(8))  # line: with_sum


def with_genexpr():  # starts: with_genexpr
    return max(number & 255 for number in outer(8))  # starts, line: with_genexpr.<locals>.<genexpr>  # line: with_genexpr


def with_next():  # starts: with_next
    numbers = outer(8)
    while next(numbers, None) is not None:  # line: with_next
        pass


def receiver():  # starts: receiver
    total = 0
    while True:
        number = yield total
        total ^= leaf(number)  # line: receiver


def with_send():  # starts: with_send
    numbers = receiver()
    next(numbers)
    for _ in range(8):
        numbers.send(2000)  # line: with_send
    numbers.close()


def handler():  # starts: handler
    with_for()  # line: handler for
    with_sum()  # line: handler sum
    with_genexpr()  # line: handler genexpr
    with_next()  # line: handler next
    with_send()  # line: handler send


truth.run(handler)  # line: <module>
