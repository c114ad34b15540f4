"""Recordings of calls: what went over the wire for each, cut into calls and free of what differs between two runs.

The bytes are those that the proxy saw. What is a matter of the moment on HTTP/2 is put in order here, and nothing is
left out: the data of a message are joined and cut anew as late as the protocol allows, and the connection's bookkeeping
(WINDOW_UPDATE, PING), which either side does when it likes, stands behind the call during which it was done.

What differs but has its place in the message, as the port in HTTP's Host header, stays; `annotate` masks it.
"""

import bisect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from companion.calls.wire import connect, serve
from companion.calls.wire.customers import Address, Client, Customer, CustomerStore
from companion.calls.wire.recording.http2 import (
    CONTINUATION,
    DATA,
    END_STREAM,
    HEADERS,
    MAX_FRAME,
    PREFACE,
    SETTINGS,
    Frame,
    Http2Error,
    encode_frame,
    read_frames,
)
from companion.proxy import Faults, Piece, Proxy, proxy, round_trips

Call = Callable[[Client], Any]
PARTS_OF_CALLS = (HEADERS, CONTINUATION, DATA, SETTINGS)
LATE_SECONDS = 0.04  # long enough that whoever does not wait for an answer has sent by then
# gRPC sends its deadline along, rounded up to a step of ten seconds where it is so far away. Five seconds below a step
# no delay of this machine changes what is sent: 20 minutes, 20M.
DEADLINE_SECONDS = 1195.0
ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)


@dataclass(frozen=True)
class Exchange:
    """One call on the wire.

    Parameters
    ----------
    protocol : str
        The wire.
    request, answer : bytes
        What went to the server and what came back. On gRPC the first call of a connection includes its opening.
    round_trips : int
        How often the client waited for the server, beside the opening of the TCP connection itself.
    request_books, answer_books : int
        How many bytes at the end of `request` and `answer` are HTTP/2's bookkeeping.
    request_before, answer_before : bytes
        What the same connection had carried until then; gRPC's headers refer to it.
    """

    protocol: str
    request: bytes
    answer: bytes
    round_trips: int
    request_books: int = 0
    answer_books: int = 0
    request_before: bytes = b""
    answer_before: bytes = b""


def record(
    protocol: str,
    *calls: Call,
    store: CustomerStore | None = None,
    late: float = LATE_SECONDS,
    gzip: bool = False,
    **options: Any,
) -> list[Exchange]:
    """Make calls through a proxy, one after the other on one connection, and return what each looked like.

    Parameters
    ----------
    protocol : str
        One of `ALL_PROTOCOLS`.
    *calls : callable
        Each gets the client.
    store : CustomerStore, optional
        What the server holds; by default one customer, Ada Lovelace.
    late : float
        Seconds that the proxy delays each byte, so that round trips can be counted.
    gzip : bool
        Have the answers compressed; only for rest, jsonrpc and grpc.
    **options
        What one protocol has and others do not, on both sides: `codec` for thrift.
    """
    for_server: dict[str, Any] = options | ({"gzip": gzip} if protocol == "grpc" else {})
    for_client: dict[str, Any] = options | ({"gzip": gzip} if protocol in ("rest", "jsonrpc") else {})
    marks: list[tuple[int, int]] = []
    with (
        serve(protocol, CustomerStore([ADA]) if store is None else store, **for_server) as address,
        proxy(address, Faults(delay=late)) as wire,
        connect(protocol, Address(*wire.address), timeout=DEADLINE_SECONDS, **for_client) as client,
    ):
        for call in calls:
            began = len(wire.pieces)
            call(client)
            marks.append((began, len(wire.pieces)))
            time.sleep(4 * late)  # let what trails behind pass, so that it is not counted with the next call
        return _cut_http2(wire, marks) if protocol == "grpc" else _cut(protocol, wire, marks)


def _cut(protocol: str, wire: Proxy, marks: Sequence[tuple[int, int]]) -> list[Exchange]:
    """Cut where one call ended and the next began: nothing passes between them."""
    exchanges: list[Exchange] = []
    for began, ended in marks:
        pieces, before = wire.pieces[began:ended], wire.pieces[:began]
        exchange = Exchange(
            protocol,
            _joined(pieces, "to server"),
            _joined(pieces, "to client"),
            round_trips(pieces),
            request_before=_joined(before, "to server"),
            answer_before=_joined(before, "to client"),
        )
        exchanges.append(exchange)
    return exchanges


def _joined(pieces: Sequence[Piece], direction: str) -> bytes:
    return b"".join(piece.data for piece in pieces if piece.direction == direction)


def _cut_http2(wire: Proxy, marks: Sequence[tuple[int, int]]) -> list[Exchange]:
    """Cut by the numbers of the streams, which are 1, 3, 5 and so on."""
    requests = list(read_frames(wire.to_server()))
    answers = list(read_frames(wire.to_client()))
    starts = [began for began, _ in marks]
    asked, told = bookkeeping(wire.pieces, "to server", starts), bookkeeping(wire.pieces, "to client", starts)
    request_before = answer_before = b""
    exchanges: list[Exchange] = []
    for number, (began, ended) in enumerate(marks):
        request, answer = in_order(requests, 2 * number + 1), in_order(answers, 2 * number + 1)
        if number == 0:
            request = PREFACE + _settings(requests) + request
            answer = _settings(answers) + answer
        request, answer = request + asked[number], answer + told[number]
        trips = round_trips([piece for piece in wire.pieces[began:ended] if not is_bookkeeping(piece.data)])
        books = len(asked[number]), len(told[number])
        exchanges.append(Exchange("grpc", request, answer, trips, *books, request_before, answer_before))
        request_before += request
        answer_before += answer
    return exchanges


def bookkeeping(pieces: Sequence[Piece], direction: str, starts: Sequence[int]) -> list[bytes]:
    """Return, for each call, the frames of one direction that carry no part of any call.

    Parameters
    ----------
    pieces : sequence of Piece
        All that passed.
    direction : str
        "to server" or "to client".
    starts : sequence of int
        With which piece each call began; what trails behind a call belongs to it.
    """
    begins = [len(_joined(pieces[:start], direction)) for start in starts]
    data = _joined(pieces, direction)
    at = len(PREFACE) if data.startswith(PREFACE) else 0
    kept = [b""] * len(starts)
    for frame in read_frames(data):
        call = bisect.bisect_right(begins, at) - 1
        encoded = encode_frame(frame.kind, frame.flags, frame.stream, frame.payload)
        if frame.kind not in PARTS_OF_CALLS:
            kept[call] += encoded
        at += len(encoded)
    return kept


def in_order(frames: Sequence[Frame], stream: int) -> bytes:
    """Return one stream's headers and data as bytes, the data cut into as few frames as the protocol allows."""
    chosen = [frame for frame in frames if frame.stream == stream and frame.kind in (HEADERS, CONTINUATION, DATA)]
    data = b"".join(frame.payload for frame in chosen if frame.kind == DATA)
    ends = END_STREAM if any(frame.kind == DATA and frame.flags & END_STREAM for frame in chosen) else 0
    pieces = [data[start : start + MAX_FRAME] for start in range(0, len(data), MAX_FRAME)]
    flags = [0] * (len(pieces) - 1) + [ends]
    body = b"".join(encode_frame(DATA, flag, stream, piece) for flag, piece in zip(flags, pieces, strict=False))
    headers = [encode_frame(frame.kind, frame.flags, stream, frame.payload) for frame in chosen if frame.kind != DATA]
    return b"".join([*headers[:1], body, *headers[1:]])


def _settings(frames: Sequence[Frame]) -> bytes:
    chosen = [frame for frame in frames if frame.kind == SETTINGS]
    return b"".join(encode_frame(frame.kind, frame.flags, frame.stream, frame.payload) for frame in chosen)


def is_bookkeeping(data: bytes) -> bool:
    """Say whether this is nothing but frames that carry no part of a call."""
    try:
        return all(frame.kind not in PARTS_OF_CALLS for frame in read_frames(data))
    except Http2Error:  # a piece that is part of a frame is part of a large one
        return False
