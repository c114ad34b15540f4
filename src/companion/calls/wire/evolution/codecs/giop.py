"""As much of GIOP 1.2, CORBA's frames, as it takes to put several calls on one connection at once."""

from __future__ import annotations

import socket
import struct

from companion.errors import CompanionError

REPLY = 1
LARGEST = 1 << 20


class GiopError(CompanionError, ValueError):
    """Bytes that are no reference, or no message."""


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


def answers(connection: socket.socket, most: int) -> list[int]:
    """Read replies until the connection ends or there are `most`; give the numbers of their requests."""
    found: list[int] = []
    while len(found) < most:
        header = _exactly(connection, 12)
        if header is None:
            break
        order = "<" if header[6] & 1 else ">"
        (size,) = struct.unpack(f"{order}I", header[8:])
        if header[:4] != b"GIOP" or size > LARGEST:
            raise GiopError(f"no GIOP message: {header.hex(' ')}")
        body = _exactly(connection, size)
        if body is not None and header[7] == REPLY:
            found.append(int.from_bytes(body[:4], "little" if order == "<" else "big"))
    return found


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        try:
            more = connection.recv(size - len(data))
        except ConnectionResetError:
            return None
        if not more:
            return None
        data += more
    return data
