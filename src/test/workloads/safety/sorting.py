"""One thread, nearly always in C and in the interpreter's own file: hardly ever met where it could queue a call."""

import selfcheck

NUMBERS = list(range(20_000))
SHUFFLED = sorted(NUMBERS, key=lambda number: number * 7919 % 20_011)


def play():
    for _ in range(200):
        selfcheck.equal(sorted(SHUFFLED), NUMBERS, "sorted")


selfcheck.main(play)
