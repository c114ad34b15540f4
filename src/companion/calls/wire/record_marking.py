"""Record marking (RFC 5531, section 11): how an ONC RPC message finds its end in a TCP stream.

A record is one or more fragments. Each has a header of four bytes: the top bit says "this is the last one", the other
31 give the length. So a sender may begin before it knows how long its message will be, which no plain length allows.
"""

from companion.calls.wire.customers import Malformed
from companion.calls.wire.tcp import Read

MAX_RECORD = 1 << 20
MAX_FRAGMENTS = 1024  # empty fragments are legal; an endless row of them is not a message
LAST = 0x8000_0000


class RecordError(Malformed):
    """Bytes that are no record, or one that is too long."""


def encode_record(message: bytes, fragment_size: int = MAX_RECORD) -> bytes:
    """Mark a message as a record, cut into fragments of at most `fragment_size` bytes."""
    if len(message) > MAX_RECORD:
        raise RecordError(f"a record of {len(message)} bytes; at most {MAX_RECORD} are allowed")
    pieces = [message[start : start + fragment_size] for start in range(0, len(message), fragment_size)] or [b""]
    headers = [len(piece) for piece in pieces]
    headers[-1] |= LAST
    return b"".join(header.to_bytes(4, "big") + piece for header, piece in zip(headers, pieces, strict=True))


def read_record(read: Read) -> bytes:
    """Read fragments up to the last one and return the message."""
    message = b""
    for _ in range(MAX_FRAGMENTS):
        header = int.from_bytes(read(4), "big")
        length = header & ~LAST
        if len(message) + length > MAX_RECORD:
            raise RecordError(f"a record of {len(message) + length} bytes or more; at most {MAX_RECORD} are allowed")
        message += read(length)
        if header & LAST:
            return message
    raise RecordError(f"a record of more than {MAX_FRAGMENTS} fragments")
