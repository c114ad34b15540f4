"""Requests of GIOP sent by a plain socket, each over a connection of its own, to a server of omniORB's.

What comes back in an answer's gaps is whatever the server's buffer held: letters of what it told somebody else.
"""

import socket
from collections.abc import Sequence

from companion.calls.wire.objects import corba, giop
from companion.calls.wire.tcp import receiver

LONG_NAME = "SECRET-of-another-client"  # 24 bytes of the 30 that a name may have
PEOPLE = ({"id": 1, "name": LONG_NAME, "balance": 1.0}, {"id": 2, "name": "", "balance": 2.0})
SECONDS = 10.0


def ask(*requests: bytes, live: bool | None = None) -> list[bytes]:
    """Send each request over a new connection to a server that has customers 1, of a long name, and 2, of none.

    Parameters
    ----------
    *requests : bytes
        Whole messages.
    live : bool, optional
        Whether to ask an ORB; by default when there is one. The recording answers what was recorded, and no more.
    """
    if corba.missing() is not None if live is None else not live:
        known = corba.recording()["answers"]
        if unknown := [request for request in requests if request.hex() not in known]:
            raise corba.NotRecorded(f"{unknown[0].hex(' ')} was not recorded, and there is no ORB here")
        return [bytes.fromhex(known[request.hex()]) for request in requests]
    with corba.serving() as (_, address), corba.orb() as client:
        for person in PEOPLE:
            corba.call(client, address, "Customers", "add", person)
        return [_exchange(address, request) for request in requests]


def _exchange(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=SECONDS) as connection:
        connection.sendall(request)
        return giop.receive(receiver(connection, SECONDS))


def gaps_of(answer: bytes, types: Sequence[giop.Type] = ("long", "string", "double")) -> bytes:
    """Return what stands in an answer's gaps, one after the other."""
    return b"".join(answer[start:end] for start, end in giop.read(answer, types).gaps)
