"""leaf <- middle <- handler, one thread that waits between two calls of the handler: many of them fit on a machine."""

import time

import chain
import truth


def paced(n):
    chain.handler(n)
    time.sleep(0.03)


truth.run(paced, 5000)
