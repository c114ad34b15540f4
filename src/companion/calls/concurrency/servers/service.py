"""The service that every server here offers: it waits, or computes, for as long as the query says, and answers `ok`.

``GET /?ms=20`` waits 20 ms, as for a database; ``GET /?cpu=5`` computes for 5 ms. Both may be given.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from companion.calls.concurrency.load.http1 import BadMessage, Request, write_response

MOST_MS = 10_000.0
"""Milliseconds that one request may wait or compute."""

BODY = b"ok\n"


@dataclass(frozen=True)
class Work:
    """What a request costs: seconds of waiting, and seconds of computing."""

    wait: float
    compute: float


def work_of(request: Request) -> Work:
    """Read from a request what it costs.

    Raises
    ------
    BadMessage
        If it is no GET, or a number of the query is none, or too large.
    """
    if request.method != "GET":
        raise BadMessage(f"{request.method} is not served", 405)
    query = request.query
    return Work(_seconds(query.get("ms", "0")), _seconds(query.get("cpu", "0")))


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST_MS:
        raise BadMessage(f"0 to {MOST_MS:g} ms were expected")
    return number / 1000


def compute(seconds: float) -> None:
    """Use the processor for so long; what other threads use does not count."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(200))


def respond(request: Request) -> bytes:
    """Do what a request asks for, in this thread, and write the answer."""
    work = work_of(request)
    if work.wait:
        time.sleep(work.wait)
    compute(work.compute)
    return write_response(200, BODY, keep_alive=request.keep_alive)


def refusal(error: BadMessage) -> bytes:
    """Write the answer to bytes that are no request; the connection ends with it."""
    return write_response(error.status, f"{error}\n".encode("ascii", "replace"), keep_alive=False)
