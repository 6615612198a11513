"""Views of a service that wait for PostgreSQL, and a transaction that keeps one of them waiting.

    gunicorn shop:application     answers what a view took, in nanoseconds
    shop.py                       holds a row, again and again, until its stdin ends

DATABASE says where PostgreSQL is.
"""

import os
import sys
import threading
import time

import psycopg2

HELD = 0.03
FREE = 0.01
connection = None


def connected():
    global connection
    if connection is None:
        connection = psycopg2.connect(os.environ["DATABASE"])
        connection.autocommit = True
    return connection


def report():
    with connected().cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")


def reserve():
    with connected().cursor() as cursor:
        cursor.execute("UPDATE stock SET pieces = pieces - 1 WHERE item = 7")


def timed(view):
    began = time.monotonic_ns()
    view()
    return time.monotonic_ns() - began


def application(environ, start_response):
    view = {"/report": report, "/reserve": reserve, "/": connected}[environ["PATH_INFO"]]
    answer = b"%d" % timed(view)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


def hold():
    holder = psycopg2.connect(os.environ["DATABASE"])
    with holder.cursor() as cursor:
        cursor.execute("CREATE TABLE stock (item int PRIMARY KEY, pieces int)")
        cursor.execute("INSERT INTO stock VALUES (7, 0)")
        holder.commit()
        print("ready", flush=True)
        while True:
            cursor.execute("SELECT pieces FROM stock WHERE item = 7 FOR UPDATE")
            time.sleep(HELD)
            holder.commit()
            time.sleep(FREE)


if __name__ == "__main__":
    threading.Thread(target=hold, daemon=True).start()
    sys.stdin.read()
