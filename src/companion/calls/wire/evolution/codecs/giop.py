"""As much of GIOP 1.2, CORBA's frames, as it takes to put several calls on one connection at once."""

from __future__ import annotations

import contextlib
import socket
import struct

from companion.calls.wire.customers import ConnectionLost
from companion.calls.wire.objects.giop import HEADER, KINDS, receive
from companion.calls.wire.tcp import receiver
from companion.errors import CompanionError


class GiopError(CompanionError, ValueError):
    """Bytes that are no reference."""


def address_of(ior: str) -> tuple[tuple[str, int], bytes]:
    """Read host, port and object key out of a reference (`IOR:` and hexadecimal digits)."""
    try:
        data = bytes.fromhex(ior.removeprefix("IOR:"))
        order = "<" if data[0] else ">"
        (length,) = struct.unpack_from(f"{order}I", data, 4)
        at = 8 + length + -length % 4  # the type's name, padded
        size, tag, profile_size = _after(order, data, at)
        if not size or tag:
            raise GiopError("the reference's first profile is not IIOP's")
        profile = data[at + 12 : at + 12 + profile_size]
        order = "<" if profile[0] else ">"
        (length,) = struct.unpack_from(f"{order}I", profile, 4)
        host = profile[8 : 8 + length - 1].decode()
        at = 8 + length + length % 2
        (port,) = struct.unpack_from(f"{order}H", profile, at)
        at += 2 + -(at + 2) % 4
        (length,) = struct.unpack_from(f"{order}I", profile, at)
        return (host, port), profile[at + 4 : at + 4 + length]
    except (struct.error, ValueError, IndexError) as error:
        raise GiopError(f"no CORBA reference: {error}") from None


def _after(order: str, data: bytes, at: int) -> tuple[int, int, int]:
    count, tag, size = struct.unpack_from(f"{order}III", data, at)
    return int(count), int(tag), int(size)


def request(key: bytes, number: int, operation: str, body: bytes) -> bytes:
    """Write a request that wants an answer, most significant byte first."""
    name = operation.encode() + bytes(1)
    head = struct.pack(">IB3xHxxI", number, 3, 0, len(key)) + key  # 0: the target is an object key
    head += bytes(-len(head) % 4) + struct.pack(">I", len(name)) + name
    head += bytes(-len(head) % 4) + struct.pack(">I", 0)  # no service contexts
    if body:
        head += bytes(-(len(head) + 12) % 8)  # counted from the message's first byte
    return b"GIOP" + bytes([1, 2, 0, 0]) + struct.pack(">I", len(head + body)) + head + body


def answers(connection: socket.socket, most: int, seconds: float) -> list[int]:
    """Read replies until the connection ends or there are `most`; give the numbers of their requests."""
    found: list[int] = []
    with contextlib.suppress(ConnectionLost, ConnectionResetError):
        while len(found) < most:
            message = receive(receiver(connection, seconds))
            if KINDS[message[7]] == "Reply" and len(message) >= HEADER + 4:
                number = message[HEADER : HEADER + 4]
                found.append(int.from_bytes(number, "little" if message[6] & 1 else "big"))
    return found
