"""zlib, json and hashes in three threads, each against its own first result; C code runs without the GIL for most of the time."""

import hashlib
import json
import zlib

import selfcheck

TEXT = b"".join(b"%d:%x;" % (i, i * i * 2654435761) for i in range(1500))
TREE = {"k%d" % i: [i, i / 3.0, str(i) * (i % 5), {"deep": [None, True, {"deeper": -i}]}] for i in range(40)}


def compressed():
    data = zlib.compress(TEXT, 6)
    return zlib.crc32(data), hashlib.sha1(zlib.decompress(data)).hexdigest()


def encoded():
    text = json.dumps(TREE, sort_keys=True)
    return hashlib.sha256(json.dumps(json.loads(text), indent=1).encode()).hexdigest()


COMPRESSED, ENCODED = compressed(), encoded()


def play():
    selfcheck.equal(compressed(), COMPRESSED, "zlib")
    selfcheck.equal(encoded(), ENCODED, "json")


for _ in range(2):
    selfcheck.repeat(play)

selfcheck.main(play)
