"""Makes objects of several kinds, more than fit into where they are made: compiled code asks the collector for room all the time."""


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def tree(depth):
    return Node(depth) if depth == 0 else Node(depth, tree(depth - 1), tree(depth - 1))


def count(node):
    return 1 if node.left is None else 1 + count(node.left) + count(node.right)


def words(number):
    counts = {}
    for i in range(number):
        word = str(i * 7919 % 1009)
        counts[word] = counts.get(word, 0) + 1
    return counts


def boxes(number):
    kept = []
    for i in range(number):
        kept.append((i, i + 1.5, [i]))
        if len(kept) > 1000:
            kept = []
    return kept


print("ready", flush=True)
while True:
    count(tree(12))
    words(20_000)
    boxes(60_000)
    "".join(chr(65 + i % 26) for i in range(20_000)).lower().split("x")
