"""One message of Thrift, read to its end and within bounds, before a library makes objects of it.

Thrift's binary protocol says nowhere how long a message is: its end is found by reading it. So a reader must follow
what is inside, and a peer that announces a list of two thousand million things has it wait for them, or count them,
which is worse where the things have no bytes. Here a count is judged when it is read, a thing has one byte at least,
and a message has a bound.
"""

from collections.abc import Callable

from companion.calls.wire.customers import Malformed
from companion.calls.wire.tcp import Read

MAX_MESSAGE = 1 << 20
MAX_DEPTH = 16

_FIXED = {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}  # bool, byte, double, i16, i32, i64
_STRING, _STRUCT, _MAP, _SET, _LIST = 11, 12, 13, 14, 15
_COMPACT_FIXED = {1: 1, 2: 1, 3: 1, 7: 8}  # a bool in a list; byte, double
_COMPACT_NUMBERS = (4, 5, 6)
_COMPACT_BINARY, _COMPACT_LIST, _COMPACT_SET, _COMPACT_MAP, _COMPACT_STRUCT = 8, 9, 10, 11, 12


class ThriftError(Malformed):
    """Bytes that are no message of Thrift, or a larger one than is taken."""


class Taken:
    """Keeps what was read of a message, and counts it.

    Parameters
    ----------
    read : Read
        Gives exactly n bytes, or raises.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self.data = bytearray()

    def take(self, size: int) -> bytes:
        """Read so many bytes more."""
        if not 0 <= size <= MAX_MESSAGE - len(self.data):
            raise ThriftError(f"{size} bytes announced; a message has at most {MAX_MESSAGE}")
        piece = self._read(size)
        self.data += piece
        return piece

    def number(self, size: int) -> int:
        """Read a whole number with a sign, most significant byte first."""
        return int.from_bytes(self.take(size), "big", signed=True)

    def varint(self) -> int:
        """Read a number that has seven bits to a byte."""
        value = 0
        for shift in range(0, 70, 7):
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ThriftError("a number of more than ten bytes")


def read_binary(read: Read) -> bytes:
    """Read one message of the binary protocol."""
    taken = Taken(read)
    if taken.take(4)[:3] != b"\x80\x01\x00":
        raise ThriftError("no message of Thrift's binary protocol, version 1")
    taken.take(taken.number(4))
    taken.take(4)
    _binary(taken, _STRUCT, MAX_DEPTH)
    return bytes(taken.data)


def _binary(taken: Taken, kind: int, depth: int) -> None:
    if depth == 0:
        raise ThriftError("nested too deeply")
    if kind in _FIXED:
        taken.take(_FIXED[kind])
    elif kind == _STRING:
        taken.take(taken.number(4))
    elif kind == _STRUCT:
        while field := taken.number(1):
            taken.take(2)
            _binary(taken, field, depth - 1)
    elif kind in (_LIST, _SET):
        (item,) = taken.take(1)
        _items(taken.number(4), lambda: _binary(taken, item, depth - 1))
    elif kind == _MAP:
        key, value = taken.take(2)
        _items(taken.number(4), lambda: _binary(taken, key, depth - 1), lambda: _binary(taken, value, depth - 1))
    else:
        raise ThriftError(f"{kind} is no type of Thrift's")


def read_compact(read: Read) -> bytes:
    """Read one message of the compact protocol."""
    taken = Taken(read)
    head = taken.take(2)
    if head[0] != 0x82 or head[1] & 0x1F != 1:
        raise ThriftError("no message of Thrift's compact protocol, version 1")
    taken.varint()
    taken.take(taken.varint())
    _compact(taken, _COMPACT_STRUCT, MAX_DEPTH)
    return bytes(taken.data)


def _compact(taken: Taken, kind: int, depth: int) -> None:
    if depth == 0:
        raise ThriftError("nested too deeply")
    if kind in _COMPACT_FIXED:
        taken.take(_COMPACT_FIXED[kind])
    elif kind in _COMPACT_NUMBERS:
        taken.varint()
    elif kind == _COMPACT_BINARY:
        taken.take(taken.varint())
    elif kind == _COMPACT_STRUCT:
        while field := taken.take(1)[0]:
            if field >> 4 == 0:
                taken.varint()
            if field & 15 not in (1, 2):  # a bool field's value is in its type
                _compact(taken, field & 15, depth - 1)
    elif kind in (_COMPACT_LIST, _COMPACT_SET):
        (head,) = taken.take(1)
        count = taken.varint() if head >> 4 == 15 else head >> 4
        _items(count, lambda: _compact(taken, head & 15, depth - 1))
    elif kind == _COMPACT_MAP:
        if count := taken.varint():
            (kinds,) = taken.take(1)
            key, value = kinds >> 4, kinds & 15
            _items(count, lambda: _compact(taken, key, depth - 1), lambda: _compact(taken, value, depth - 1))
    else:
        raise ThriftError(f"{kind} is no type of Thrift's compact protocol")


def _items(count: int, *parts: Callable[[], None]) -> None:
    if not 0 <= count <= MAX_MESSAGE:
        raise ThriftError(f"{count} things announced; a message has at most {MAX_MESSAGE} bytes")
    for _ in range(count):
        for read_part in parts:
            read_part()


def read_frame(read: Read, inner: Callable[[Read], bytes]) -> bytes:
    """Read a message that stands in a frame, which says its length first; return it without the length."""
    size = int.from_bytes(read(4), "big", signed=True)
    if not 1 <= size <= MAX_MESSAGE:
        raise ThriftError(f"a frame of {size} bytes; 1 to {MAX_MESSAGE} are allowed")
    data, at = read(size), 0

    def from_frame(wanted: int) -> bytes:
        nonlocal at
        at += wanted
        if at > size:
            raise ThriftError("the message goes on beyond its frame")
        return data[at - wanted : at]

    message = inner(from_frame)
    if len(message) != size:
        raise ThriftError(f"{size - len(message)} bytes after the message")
    return message
