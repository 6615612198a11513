"""A master that hands out work, and two workers that were there before: started by fork, spawn or forkserver (first argument)."""
import multiprocessing
import sys


def burn(count):
    total = 0
    for i in range(count):
        total += i & 7
    return total


def task(_):
    return burn(20000)


if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        pool.map(task, range(20))
        print("ready", flush=True)
        while True:
            pool.map(task, range(20))
