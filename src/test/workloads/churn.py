"""leaf <- code that is compiled, runs for about a millisecond and is dropped <- handler; each has another name, file and line."""  # starts: <module>

# A number stands in the place of "#", and what it is stands in its file so many lines further on than this says.
# chain: leaf <- generated_# <- handler <- run (truth.py) <- <module>
# file of generated_#: <generated #>
# starts of generated_#: 1
# line of generated_#: 304

import ast
import itertools

import truth

SOURCE = """def generated_%d(leaf):
    total = 0
    for _ in range(4):
        total ^= leaf(2500)
    return total
"""
numbers = itertools.count()


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


def compiled(number):
    tree = ast.increment_lineno(ast.parse(SOURCE % number), number)
    for statement in tree.body[0].body[1:]:
        ast.increment_lineno(statement, 300)  # more than the byte that line tables keep deltas in
    names = {}
    exec(compile(tree, "<generated %d>" % number, "exec"), names)
    return names.pop("generated_%d" % number)


def handler():  # starts: handler
    generated = compiled(next(numbers))
    generated(leaf)  # line: handler


truth.run(handler)  # line: <module>
