"""leaf <- middle x 3 <- handler <- <module>: loops that CPython's own JIT compiles, with calls of C that allocates and frees."""


def leaf(n):
    total = 0
    for i in range(n):
        total = (total * 7 + i) % 1000003
        total += len([i, (total, i)])
    return total


def middle(depth, n):
    total = 0
    for i in range(50):
        total += leaf(n) if depth == 0 else middle(depth - 1, n)
        n += 0
        if depth:
            break
    return total


def handler():
    return middle(2, 500)


for _ in range(300):
    handler()
print("ready", flush=True)
while True:
    handler()
