"""json, re, sqlite and zlib in turns in the main thread, and the same in two more threads: many libraries, shallow stacks."""

import json
import re
import sqlite3
import threading
import zlib

import truth

WORD = re.compile(r"(\w+)=(\d+)")
TEXT = " ".join("name%d=%d" % (i, i * 7919) for i in range(300))
DOCUMENT = [{"id": i, "name": "item %d" % i, "tags": ["a", "b", str(i)]} for i in range(200)]
BYTES = TEXT.encode() * 20


def with_json():
    return len(json.loads(json.dumps(DOCUMENT)))


def with_re():
    return len(WORD.sub(lambda match: match.group(2), TEXT)) + len(WORD.findall(TEXT))


def with_sqlite():
    with sqlite3.connect(":memory:") as base:
        base.execute("create table item (id integer primary key, name text)")
        base.executemany("insert into item (name) values (?)", [(item["name"],) for item in DOCUMENT])
        (count,) = base.execute("select count(*) from item where name like '%7%' order by name").fetchone()
    base.close()
    return count


def with_zlib():
    return len(zlib.decompress(zlib.compress(BYTES)))


def handler():
    return with_json() + with_re() + with_sqlite() + with_zlib()


def work():
    while True:
        handler()


for number in range(2):
    threading.Thread(target=work, name="worker-%d" % number, daemon=True).start()
truth.run(handler)
