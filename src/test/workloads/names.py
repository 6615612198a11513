"""Functions with names and places of all kinds: of classes, nested, decorated, anonymous, in scripts other than Latin."""  # starts: <module>

# chain: leaf <- Tree.walk.<locals>.visit <- Tree.walk <- handler method <- run (truth.py) <- <module>
# chain: leaf <- Tree.__call__ <- handler call <- run (truth.py) <- <module>
# chain: leaf <- Tree.size <- handler property <- run (truth.py) <- <module>
# chain: leaf <- Tree.planted <- handler class <- run (truth.py) <- <module>
# chain: leaf <- Tree.alone <- handler static <- run (truth.py) <- <module>
# chain: leaf <- Kind.__call__ <- handler metaclass <- run (truth.py) <- <module>
# chain: leaf <- Tree.Branch.Leaf.fall <- handler inner <- run (truth.py) <- <module>
# chain: leaf <- decorated <- counted.<locals>.wrapper <- handler decorated <- run (truth.py) <- <module>
# chain: leaf <- body.<locals>.Body <- body <- handler body <- run (truth.py) <- <module>
# chain: leaf <- <lambda> <- handler lambda <- run (truth.py) <- <module>
# chain: leaf <- inside.<locals>.<lambda> <- inside <- handler inside <- run (truth.py) <- <module>
# chain 3.6-3.11: leaf <- lists.<locals>.<listcomp> <- lists <- handler lists <- run (truth.py) <- <module>
# chain 3.12-: leaf <- lists <- handler lists <- run (truth.py) <- <module>
# chain: leaf <- größe <- 計算 <- 𐐷𐐬𐐲 <- handler scripts <- run (truth.py) <- <module>

import functools

import truth


def leaf(n):  # starts: leaf
    total = 0  # line: leaf
    for i in range(n):  # line: leaf
        total = (total * 31 + i) & 0xFFFFFFFF  # line: leaf
    return total  # line: leaf


class Kind(type):
    def __call__(cls):  # starts: Kind.__call__
        leaf(3000)  # line: Kind.__call__
        return super().__call__()


class Tree:
    class Branch(metaclass=Kind):
        class Leaf:
            def fall(self):  # starts: Tree.Branch.Leaf.fall
                return leaf(3000)  # line: Tree.Branch.Leaf.fall

    def walk(self):  # starts: Tree.walk
        def visit(depth):  # starts: Tree.walk.<locals>.visit
            return leaf(depth)  # line: Tree.walk.<locals>.visit

        return visit(3000)  # line: Tree.walk

    def __call__(self):  # starts: Tree.__call__
        return leaf(3000)  # line: Tree.__call__

    @property  # starts: Tree.size
    def size(self):
        return leaf(3000)  # line: Tree.size

    @classmethod  # starts: Tree.planted
    def planted(cls):
        return leaf(3000)  # line: Tree.planted

    @staticmethod  # starts: Tree.alone
    def alone():
        return leaf(3000)  # line: Tree.alone


def counted(function):
    @functools.wraps(function)  # starts: counted.<locals>.wrapper
    def wrapper(*arguments):
        wrapper.calls += 1
        return function(*arguments)  # line: counted.<locals>.wrapper

    wrapper.calls = 0
    return wrapper


@counted  # starts: decorated
def decorated(n):
    return leaf(n)  # line: decorated


def body():  # starts: body
    class Body:  # starts: body.<locals>.Body  # line: body
        value = leaf(3000)  # line: body.<locals>.Body

    return Body


anonymous = lambda n: leaf(n)  # starts, line: <lambda>


def inside():  # starts: inside
    return (lambda n: leaf(n))(3000)  # line: inside  # starts, line: inside.<locals>.<lambda>


def lists():  # starts: lists
    return [leaf(3000) for _ in "a"]  # line: lists  # starts, line: lists.<locals>.<listcomp>


def größe(n):  # starts: größe
    return leaf(n)  # line: größe


def 計算(n):  # starts: 計算
    return größe(n)  # line: 計算


def 𐐷𐐬𐐲(n):  # starts: 𐐷𐐬𐐲
    return 計算(n)  # line: 𐐷𐐬𐐲


def handler():  # starts: handler
    tree = Tree()
    tree.walk()  # line: handler method
    tree()  # line: handler call
    assert tree.size  # line: handler property
    tree.planted()  # line: handler class
    tree.alone()  # line: handler static
    Tree.Branch()  # line: handler metaclass
    Tree.Branch.Leaf().fall()  # line: handler inner
    decorated(3000)  # line: handler decorated
    body()  # line: handler body
    anonymous(3000)  # line: handler lambda
    inside()  # line: handler inside
    lists()  # line: handler lists
    𐐷𐐬𐐲(3000)  # line: handler scripts


truth.run(handler)  # line: <module>
