"""The control plane with real things: a server on this machine, a database, and two threads; no luck in any of them.

Each demonstration forces the one order of events that matters, and comes out the same every time.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 5.0
"""How long anything here waits before it gives up, in s; reached only if something is broken."""


@dataclass
class Bank:
    """An account in SQLite; with `keyed` it knows a request by its idempotency key, which the database keeps unique."""

    keyed: bool
    lost_answers: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)
    database: sqlite3.Connection = field(
        default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    )

    def __post_init__(self) -> None:
        self.database.execute("CREATE TABLE paid (key TEXT UNIQUE, cents INTEGER NOT NULL)")

    def pay(self, key: str, cents: int) -> None:
        """Pay; one statement, so a key is either there or not."""
        with self.lock:
            self.database.execute(
                "INSERT INTO paid VALUES (?, ?) ON CONFLICT DO NOTHING", (key if self.keyed else None, cents)
            )

    @property
    def balance(self) -> int:
        """What has been paid, in cents."""
        with self.lock:
            return int(self.database.execute("SELECT coalesce(sum(cents), 0) FROM paid").fetchone()[0])


def _handler(bank: Bank) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Pays, and loses as many of its first answers as it is told to."""

        def do_POST(self) -> None:
            """Pay what the body says, under the key of the header; then answer, or close the connection without."""
            cents = int(self.rfile.read(int(self.headers["Content-Length"])))
            bank.pay(self.headers["Idempotency-Key"], cents)
            if bank.lost_answers:
                bank.lost_answers -= 1
                self.close_connection = True
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(bank: Bank) -> Iterator[int]:
    """Serve a bank on a free port of this machine; gives the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bank))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pay_over_http(port: int, key: str, cents: int, retries: int = 3) -> int:
    """Pay, and try again with the same key if no answer comes; gives the attempts that it took.

    Raises
    ------
    ConnectionError
        If none is answered.
    """
    for attempt in range(1, retries + 2):
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("POST", "/", str(cents), {"Idempotency-Key": key})
            if connection.getresponse().status == 204:
                return attempt
        except (HTTPException, OSError):
            continue  # no answer: it may have been done, or not, and A cannot know
        finally:
            connection.close()
    raise ConnectionError(f"no answer in {retries + 1} attempts")


def lost_answer(keyed: bool) -> tuple[int, int]:
    """Pay 100 cents to a server whose first answer is lost; gives the attempts and the balance afterwards."""
    bank = Bank(keyed)
    try:
        with serving(bank) as port:
            attempts = pay_over_http(port, "payment 1", 100)
        return attempts, bank.balance
    finally:
        bank.database.close()


def two_deposits(locked: bool) -> int:
    """Let two threads add 100 cents to an account of 0; gives the balance.

    The first thread reads and then waits until the second is as far as it can come: at the lock if there is one, and
    past its own read if there is none.
    """
    account = {"cents": 0}
    lock = threading.Lock() if locked else nullcontext()
    first_has_read, second_is_there, first_has_written = (threading.Event() for _ in range(3))

    def first() -> None:
        with lock:
            seen = account["cents"]
            first_has_read.set()
            second_is_there.wait(PATIENCE)
            account["cents"] = seen + 100
        first_has_written.set()

    def second() -> None:
        first_has_read.wait(PATIENCE)
        if locked:
            second_is_there.set()
        with lock:
            seen = account["cents"]
            second_is_there.set()
            first_has_written.wait(PATIENCE)
            account["cents"] = seen + 100

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return account["cents"]
