"""What HTTP/2 can say of a call that failed, which a broken connection cannot: whether the server has begun with it.

A server written for the purpose ends its first call in one of five ways, and answers whatever comes after it. Between
it and a real gRPC client stands the proxy, so that what the wire said can be compared with what the caller is told.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from companion.calls.wire import connect
from companion.calls.wire.customers import Address, WireError
from companion.calls.wire.experiments.till import PAYMENT, Till
from companion.calls.wire.recording import http2
from companion.calls.wire.recording.http2 import GOAWAY, REFUSED_STREAM, RST_STREAM, Frame
from companion.calls.wire.tcp import listening, receiver
from companion.proxy import proxy

INTERNAL_ERROR = 2


@dataclass(frozen=True)
class Ending:
    """How a server ends a call.

    Parameters
    ----------
    name : str
        What it does, in a few words.
    executes : bool
        Whether it carries the call out first.
    last : callable
        Makes the last bytes that it sends, of the stream's number.
    closes : bool
        Whether it closes the connection then.
    """

    name: str
    executes: bool
    last: Callable[[int], bytes]
    closes: bool


@dataclass(frozen=True)
class Refusal:
    """What became of a call that was ended in such a way.

    Parameters
    ----------
    ending : str
        How the server ended it.
    not_executed : bool
        Whether the wire says that the call was not carried out.
    told : str
        What the caller was told: an answer, or the class of an error.
    sent, executed : int
        How often the call was sent, and how often it was carried out.
    """

    ending: str
    not_executed: bool
    told: str
    sent: int
    executed: int


def reset(stream: int, code: int) -> bytes:
    """Return a frame that ends a stream."""
    return http2.encode_frame(RST_STREAM, 0, stream, code.to_bytes(4, "big"))


def go_away(last: int) -> bytes:
    """Return a frame that ends a connection and says which stream was the last to be looked at."""
    return http2.encode_frame(GOAWAY, 0, 0, last.to_bytes(4, "big") + bytes(4))


ENDINGS = (
    Ending("closes the connection", True, lambda stream: b"", True),
    Ending("RST_STREAM, INTERNAL_ERROR", True, lambda stream: reset(stream, INTERNAL_ERROR), False),
    Ending("RST_STREAM, REFUSED_STREAM", False, lambda stream: reset(stream, REFUSED_STREAM), False),
    Ending("GOAWAY, the call's own number", True, go_away, True),
    Ending("GOAWAY, a number below it", False, lambda stream: go_away(stream - 1), True),
)


def says_not_executed(frames: Iterable[Frame], stream: int) -> bool:
    """Say whether a server's frames exclude that it carried out the call on this stream (RFC 9113, 6.8 and 8.7)."""
    return any(
        (frame.kind == RST_STREAM and frame.stream == stream and code_of(frame) == REFUSED_STREAM)
        or (frame.kind == GOAWAY and int.from_bytes(frame.payload[:4], "big") < stream)
        for frame in frames
    )


def code_of(frame: Frame) -> int:
    """Return the error code of a RST_STREAM."""
    return int.from_bytes(frame.payload, "big")


def refusals(retries: bool) -> list[Refusal]:
    """Make a payment at each of the five servers, by a client that may send a call again or may not."""
    return [refusal(ending, retries) for ending in ENDINGS]


def refusal(ending: Ending, retries: bool) -> Refusal:
    """Make a payment at one of them."""
    till, calls = Till(), []

    def handle(connection: socket.socket) -> None:
        read = receiver(connection, 10.0)
        connection.sendall(http2.encode_frame(http2.SETTINGS, 0, 0, b""))
        read(len(http2.PREFACE))
        while True:
            header = read(http2.FRAME_HEADER)
            read(int.from_bytes(header[:3], "big"))
            kind, flags, stream = header[3], header[4], int.from_bytes(header[5:], "big")
            if kind == http2.SETTINGS and not flags:
                connection.sendall(http2.encode_frame(http2.SETTINGS, 1, 0, b""))
            if kind != http2.DATA:
                continue
            calls.append(stream)
            if len(calls) > 1 or ending.executes:
                till.add(PAYMENT)
            if len(calls) > 1:
                connection.sendall(good_answer(stream))
                continue
            connection.sendall(ending.last(stream))
            if ending.closes:
                return

    with (
        listening(handle, "127.0.0.1", 0) as address,
        proxy(address) as wire,
        connect("grpc", Address(*wire.address), timeout=5.0, retries=retries) as client,
    ):
        try:
            told = "an answer" if client.add(PAYMENT) else "no"
        except WireError as error:
            told = type(error).__name__
        frames = list(http2.read_frames(wire.to_client(0)))
    return Refusal(ending.name, says_not_executed(frames, stream=1), told, len(calls), till.times)


def good_answer(stream: int) -> bytes:
    """Return the answer to an `add`: headers, an empty message, and the status behind it."""
    head = http2.encode_frame(http2.HEADERS, 4, stream, b"\x88" + http2.spell("content-type", "application/grpc"))
    status = http2.encode_frame(http2.HEADERS, 5, stream, http2.spell("grpc-status", "0"))
    return head + http2.encode_frame(http2.DATA, 0, stream, bytes(5)) + status
