"""Calls of this section's wires through the proxy, as `wire.recording.record` makes them of the chapter's others."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from companion.calls.wire.customers import Address, Client, CustomerStore
from companion.calls.wire.recording.record import ADA, Exchange
from companion.proxy import proxy, round_trips


class Wire(Protocol):
    """A module that serves customers and connects to them, as `soap` and `pox` do."""

    @property
    def serve(self) -> Callable[[CustomerStore], contextlib.AbstractContextManager[Address]]:
        """Serve a store while the context lasts."""
        ...

    @property
    def connect(self) -> Callable[[Address, float | None], Client]:
        """Return a client."""
        ...


def recorded(wire: Wire, *calls: Callable[[Client], Any], timeout: float = 60.0) -> list[Exchange]:
    """Make calls one after the other on one connection, with Ada in the store, and return what each looked like."""
    exchanges: list[Exchange] = []
    with (
        wire.serve(CustomerStore([ADA])) as address,
        proxy(address) as between,
        contextlib.closing(wire.connect(Address(*between.address), timeout)) as client,
    ):
        for call in calls:
            began = len(between.pieces)
            call(client)
            # What the client has read was written down before it was sent on, so nothing is missing.
            pieces = list(between.pieces[began:])
            request, answer = (
                b"".join(piece.data for piece in pieces if piece.direction == direction)
                for direction in ("to server", "to client")
            )
            name = getattr(wire, "__name__", "").rpartition(".")[2]
            exchanges.append(Exchange(name, request, answer, round_trips(pieces)))
    return exchanges


def body(message: bytes) -> bytes:
    """Return what stands behind the headers of an HTTP message."""
    return message.partition(b"\r\n\r\n")[2]


def status(exchange: Exchange) -> int:
    """Return the status of an HTTP answer."""
    return int(exchange.answer.split(b" ", 2)[1])


def lines_of(document: bytes) -> Iterator[str]:
    """Cut a document of one long line between its elements, for a page that is narrow."""
    yield from document.decode().replace("><", ">\n<").splitlines()
