"""Live values in every register, while the thread computes and while it sleeps: in the main thread and in two others."""

import threading

import native
import selfcheck

LIBRARY = native.load()


def hold(rounds, spins, micros, seed):
    changed = LIBRARY.registers_hold(rounds, spins, micros, seed)
    selfcheck.check(changed is None, "state", "%s changed" % (changed or b"").decode())


def spinning():
    seed = 1
    while True:
        seed += 1
        hold(20, 200_000, 0, seed)


def sleeping():
    seed = 1 << 32
    while True:
        seed += 1
        hold(20, 0, 3000, seed)


for work in (spinning, sleeping):
    threading.Thread(target=work, daemon=True).start()

turn = 0


def play():
    global turn
    turn += 1
    hold(1, 0, 2000, turn) if turn % 2 else hold(2, 200_000, 0, turn)


selfcheck.main(play)
