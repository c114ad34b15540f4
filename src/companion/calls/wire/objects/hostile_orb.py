"""What omniORB's server does with headers that no client means: answers, closes, or waits for what will not come."""

import contextlib
import socket
import time

from companion.calls.wire.objects import corba, giop

WAIT_SECONDS = 1.5  # silence for so long counts as waiting; an answer takes a millisecond
HEADERS = {
    "announces 2 GB": b"GIOP\1\2\1\0\xff\xff\xff\x7f",
    "announces 4 GB": b"GIOP\1\2\1\0\xff\xff\xff\xff",
    "version 9": b"GIOP\x09\0\1\0\x10\0\0\0",
    "no GIOP": b"JPEG\1\2\1\0\x10\0\0\0",
    "a type that is none": b"GIOP\1\2\1\x63\x10\0\0\0",
}


def reactions(live: bool | None = None) -> dict[str, str]:
    """Send each header over a connection of its own and say what came: a message's kind, "closes", or "waits".

    The last entry is a call of an honest client, made while the others' connections are open. From the recording where
    there is no ORB.
    """
    if corba.missing() is not None if live is None else not live:
        kept: dict[str, str] = corba.recording()["reactions"]
        return kept
    with corba.serving() as (_, address), corba.orb() as client, contextlib.ExitStack() as open_ones:
        connections = {}
        for what, header in HEADERS.items():
            connections[what] = open_ones.enter_context(socket.create_connection(address))
            connections[what].sendall(header)
        after = f"{len(corba.call(client, address, 'Customers', 'list'))} customers listed"
        deadline = time.monotonic() + WAIT_SECONDS  # one for all: they wait side by side
        found = {what: _reaction(connection, deadline) for what, connection in connections.items()}
        return found | {"an honest call afterwards": after}


def _reaction(connection: socket.socket, deadline: float) -> str:
    try:
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        told = connection.recv(giop.HEADER)
    except TimeoutError:
        return "waits"
    except ConnectionError:
        return "closes"
    return giop.KINDS[told[7]] if len(told) == giop.HEADER else "closes"
