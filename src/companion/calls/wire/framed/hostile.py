"""What Thrift's servers do with bytes that no client should send: the library's own, and ours."""

import socket
import struct
from dataclasses import dataclass

from companion.calls.wire.customers import Customer, CustomerStore
from companion.calls.wire.framed import thrift_wire
from companion.calls.wire.framed.library_server import PATIENCE, library_server

MOST = 2**31 - 1
HEAD = b"\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00"
"""A call of `get`, up to its arguments."""
LIST, STRUCT, NOTHING = 15, 12, 0


def list_of(kind: int, count: int = MOST) -> bytes:
    """Return a field that the interface does not have: a list that announces so many things."""
    return struct.pack(">bhbi", LIST, 99, kind, count)


FRAMES = {
    "a web browser's request, to framed Thrift": (True, b"GET / HTTP/1.1\r\n\r\n"),
    "a list of 2^31 - 1 structs, none follows": (False, HEAD + list_of(STRUCT)),
    "8 lists of 2^31 - 1 things without bytes": (False, HEAD + 8 * list_of(NOTHING) + b"\0"),
}
"""By what they are: whether to a framed server, and the bytes."""


@dataclass(frozen=True)
class Row:
    """What became of one frame.

    Parameters
    ----------
    frame : str
        What was sent.
    size : int
        In how many bytes.
    library, ours : str
        What each server did.
    """

    frame: str
    size: int
    library: str
    ours: str


def hostile_frames() -> list[Row]:
    """Send each frame to the library's server, in a process of its own, and to ours."""
    rows = []
    for server in (True, False):
        with library_server(framed=server) as child:
            for name, (framed, frame) in FRAMES.items():
                if framed == server:
                    rows.append(Row(name, len(frame), child.told(frame), ours(frame, framed)))
    return rows


def ours(frame: bytes, framed: bool) -> str:
    """Send a frame to our server; say how it refuses it."""
    store = CustomerStore([Customer(id=1, name="Ada Lovelace", balance=1234.5)])
    codec = "binary, framed" if framed else "binary"
    with (
        thrift_wire.serve(store, codec=codec) as address,
        socket.create_connection(address, timeout=PATIENCE) as connection,
    ):
        connection.sendall(frame)
        reply = connection.recv(65_536)
    return "refuses" if b"announced" in reply or b"no type" in reply or b"allowed" in reply else f"{reply!r}"
