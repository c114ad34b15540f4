"""Nagle's algorithm meets the delayed acknowledgement: a request in two pieces waits for nothing at all.

The sender holds a small piece back while an earlier one is not acknowledged (RFC 896); the receiver holds the
acknowledgement back, in the hope that an answer will carry it (RFC 1122, 4.2.3.2). Each waits for the other, until the
receiver's timer ends it: 40 ms on Linux, where the next piece could leave in microseconds.
"""

import socket
import statistics
import time
from collections.abc import Sequence

from companion.calls.wire.recording.record import ADA
from companion.calls.wire.socket_wire import DONE, GET, encode_customer, encode_frame, read_frame
from companion.calls.wire.tcp import listening, receiver

CALLS = 21  # of which the first is not counted: a new connection acknowledges at once
REQUEST = encode_frame(bytes([GET]) + ADA.id.to_bytes(4, "big"))
ANSWER = encode_frame(bytes([DONE]) + encode_customer(ADA))
WAYS = {  # pieces of the request, and whether Nagle's algorithm is off
    "in one piece": ([REQUEST], False),
    "in two pieces": ([REQUEST[:4], REQUEST[4:]], False),
    "in two, TCP_NODELAY": ([REQUEST[:4], REQUEST[4:]], True),
}


def call_seconds(pieces: Sequence[bytes], no_delay: bool) -> list[float]:
    """Make calls on one connection, each request in these pieces, and return how many seconds each of them took."""

    def serve(connection: socket.socket) -> None:
        while True:
            read_frame(receiver(connection, 10.0))
            connection.sendall(ANSWER)

    took = []
    with listening(serve, "127.0.0.1", 0) as address, socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
        for _ in range(CALLS):
            began = time.perf_counter()
            for piece in pieces:
                connection.sendall(piece)
            read_frame(receiver(connection, 10.0))
            took.append(time.perf_counter() - began)
    return took[1:]


def nagle() -> dict[str, float]:
    """Measure a call in one piece, in two, and in two with Nagle's algorithm off.

    Returns
    -------
    dict
        By way the median call in milliseconds; and as ``WAY held`` the share of calls that took over 20 ms.
    """
    figures: dict[str, float] = {}
    for way, (pieces, no_delay) in WAYS.items():
        took = call_seconds(pieces, no_delay)
        figures[way] = 1000 * statistics.median(took)
        figures[f"{way} held"] = sum(second > 0.02 for second in took) / len(took)
    return figures
