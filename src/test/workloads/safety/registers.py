"""Live values in every register, while the thread computes and while it sleeps: in the main thread and in two others."""

import itertools

import native
import selfcheck

LIBRARY = native.load()


def hold(rounds, spins, micros, seed):
    changed = LIBRARY.registers_hold(rounds, spins, micros, seed)
    selfcheck.check(changed is None, "state", "%s changed" % (changed or b"").decode())


SEEDS = itertools.count()
selfcheck.repeat(lambda: hold(20, 200_000, 0, next(SEEDS)))
selfcheck.repeat(lambda: hold(5, 0, 3000, next(SEEDS)))

turn = 0


def play():
    global turn
    turn += 1
    hold(1, 0, 2000, turn) if turn % 2 else hold(2, 200_000, 0, turn)


selfcheck.main(play)
