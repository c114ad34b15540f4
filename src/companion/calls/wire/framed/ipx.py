"""IPX, Novell's datagram: thirty bytes that say from where to where, and no connection.

    checksum 2 · length 2 · hops 1 · type 1 · to: network 4, node 6, socket 2 · from: the same twelve

The length counts the header. Ethernet carries at least 46 bytes, and fills a shorter datagram up, so what stands behind
the length is not the sender's. A checksum of FFFF means that there is none.
"""

import struct
from dataclasses import dataclass

from companion.calls.wire.customers import Malformed

HEADER = struct.Struct(">HHBB4s6sH4s6sH")
NO_CHECKSUM = 0xFFFF
ETHERNET_LEAST = 46


class IpxError(Malformed):
    """Bytes that are no datagram of IPX, or one that cannot be written."""


@dataclass(frozen=True)
class Place:
    """A network, a machine on it, and a program on the machine.

    Parameters
    ----------
    network : bytes
        Four bytes.
    node : bytes
        Six: the address that the network card was made with.
    socket : int
        Two bytes.
    """

    network: bytes
    node: bytes
    socket: int

    def __str__(self) -> str:
        return f"{self.network.hex()}:{self.node.hex()}:{self.socket:04x}"


@dataclass(frozen=True)
class Datagram:
    """One datagram.

    Parameters
    ----------
    to, sender : Place
        Whom it is for, and whom it is from.
    data : bytes
        What it carries.
    kind : int
        The packet type.
    hops : int
        How many routers it has passed.
    checksum : int
        FFFF for none. It is kept as it came, and not computed.
    """

    to: Place
    sender: Place
    data: bytes
    kind: int = 0
    hops: int = 0
    checksum: int = NO_CHECKSUM


def encode(datagram: Datagram) -> bytes:
    """Write a datagram.

    Raises
    ------
    IpxError
        When a field does not fit.
    """
    to, sender = datagram.to, datagram.sender
    if any((len(place.network), len(place.node)) != (4, 6) for place in (to, sender)):
        raise IpxError("a network has 4 bytes, a node 6")
    length = HEADER.size + len(datagram.data)
    try:
        head = HEADER.pack(
            datagram.checksum,
            length,
            datagram.hops,
            datagram.kind,
            to.network,
            to.node,
            to.socket,
            sender.network,
            sender.node,
            sender.socket,
        )
    except struct.error as error:
        raise IpxError(f"a field does not fit: {error}") from error
    return head + datagram.data


def on_ethernet(datagram: bytes) -> bytes:
    """Return a datagram as a network card hands it over: filled up where it is short."""
    return datagram.ljust(ETHERNET_LEAST, b"\0")


def decode(received: bytes) -> Datagram:
    """Read a datagram, and leave what Ethernet put behind it.

    Raises
    ------
    IpxError
        When the header is not there, or does not fit what was received.
    """
    if len(received) < HEADER.size:
        raise IpxError(f"a header has {HEADER.size} bytes, {len(received)} are there")
    checksum, length, hops, kind, *places = HEADER.unpack_from(received)
    if not HEADER.size <= length <= len(received):
        raise IpxError(f"a length of {length}; {HEADER.size} to {len(received)} are possible")
    to, sender = Place(*places[:3]), Place(*places[3:])
    return Datagram(to, sender, received[HEADER.size : length], kind, hops, checksum)
