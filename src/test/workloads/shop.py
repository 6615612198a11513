"""What the documents speak of: a small service of several threads, busy for a part of the time, which waits, reads files and takes memory."""

import json
import sys
import threading
import time

ITEMS = [{"name": f"item {number}", "price": number} for number in range(300)]


class Shop:
    def search(self, text):
        return [item for item in self.load_items() if text in item["name"]]

    def load_items(self):
        with open(__file__) as file:
            file.read()
        return sorted(ITEMS, key=lambda item: item["price"], reverse=True)


def encode(items):
    return json.dumps([dict(item) for item in items], indent=1)


def _worker(shop):
    while True:
        encode(shop.search("7"))
        bytearray(1 << 20)
        time.sleep(0.002)


for _ in range(2):
    threading.Thread(target=_worker, args=(Shop(),), daemon=True).start()
print("ready", flush=True)
sys.stdout.close()
while True:
    time.sleep(1)
