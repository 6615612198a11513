"""A small web shop, and the load on it: the service that `perf-agent demo` profiles.

    service.py serve          prints "ready port=N pid=P", serves until its stdin ends
    service.py load PORT      asks for pages until its stdin ends

Only the standard library is used. Both end with their stdin, so that nothing stays behind whoever started them. Any other
WSGI server can serve it too: gunicorn service:application.
"""

import hashlib
import http.client
import json
import os
import random
import re
import sqlite3
import sys
import threading
import time
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

CLIENTS = 3
PAGES = ["/catalog", "/catalog", "/search?q=lamp", "/search?q=oak", "/receipt/%d"]
WORD = re.compile(r"\b[a-z]+\b")


def open_store():
    store = sqlite3.connect(":memory:", check_same_thread=False)
    store.execute("create table items (id integer primary key, name text, price real)")
    randomness = random.Random(7)
    for number in range(400):
        name = "%s %s" % (randomness.choice(["oak", "steel", "paper"]), randomness.choice(["lamp", "chair", "shelf"]))
        store.execute("insert into items values (?, ?, ?)", (number, name, randomness.uniform(5, 90)))
    return store


class Shop:
    def __init__(self):
        self.store = open_store()
        self.lock = threading.Lock()

    def load_items(self, limit):
        with self.lock:
            rows = self.store.execute("select id, name, price from items order by price limit ?", (limit,)).fetchall()
        return [self.to_item(row) for row in rows]

    def to_item(self, row):
        return {"id": row[0], "name": row[1], "price": round(row[2], 2), "tax": self.tax(row[2])}

    def tax(self, price):
        total = 0.0
        for share in (0.07, 0.02, 0.004):
            total += price * share
        return round(total, 2)

    def catalog(self):
        return render_page("Catalog", self.load_items(120))

    def search(self, words):
        items = [item for item in self.load_items(250) if matches(item, words)]
        return json.dumps({"query": words, "found": sorted(items, key=by_price)})

    def receipt(self, number):
        items = self.load_items(40)
        return render_page("Receipt %s" % checksum(number, items), items)


def matches(item, words):
    return any(match.group() in words for match in WORD.finditer(item["name"]))


def by_price(item):
    return item["price"]


def checksum(number, items):
    digest = hashlib.sha256(str(number).encode())
    for item in items:
        digest.update(json.dumps(item, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def render_page(title, items):
    rows = [render_row(item) for item in items]
    return "<h1>%s</h1><table>%s</table>" % (title, "".join(rows))


def render_row(item):
    return "<tr><td>%s</td><td>%.2f</td><td>%.2f</td></tr>" % (capitalize(item["name"]), item["price"], item["tax"])


def capitalize(name):
    return WORD.sub(capital, name)


def capital(match):
    return match.group().title()


SHOP = Shop()


def route(path, query):
    if path == "/search":
        return SHOP.search(query.partition("=")[2].split("+"))
    if path.startswith("/receipt/"):
        return SHOP.receipt(path.rpartition("/")[2])
    return SHOP.catalog()


def application(environ, start_response):
    body = route(environ["PATH_INFO"], environ["QUERY_STRING"]).encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass

    def address_string(self):
        return self.client_address[0]


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


def serve():
    threading.Thread(target=end_with_stdin, daemon=True).start()
    with make_server("127.0.0.1", 0, application, ThreadingServer, QuietHandler) as server:
        print("ready port=%d pid=%d" % (server.server_port, os.getpid()), flush=True)
        server.serve_forever()


def load(port):
    for number in range(CLIENTS):
        threading.Thread(target=client, args=(port, number), daemon=True).start()
    end_with_stdin()


def client(port, seed):
    """Asks for one page after the other."""
    randomness = random.Random(seed)
    while True:
        page = randomness.choice(PAGES)
        try:
            ask(port, page % randomness.randrange(1000) if "%" in page else page)
        except OSError:
            time.sleep(0.05)


def ask(port, page):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", page)
        connection.getresponse().read()
    finally:
        connection.close()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        load(int(sys.argv[2]))
