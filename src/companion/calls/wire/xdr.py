"""External Data Representation (RFC 4506), as much of it as the customer service needs, by hand.

Everything is big-endian and takes a multiple of four bytes: a string of five bytes travels as its length, its bytes and
three zeros. Nothing in the bytes says what they mean. Both sides read the same description, in the same order, and a
mistake in one of them shows as a number that is too large.
"""

import struct
from collections.abc import Callable, Sequence
from typing import TypeVar

from companion.calls.wire.customers import Malformed

T = TypeVar("T")


class XdrError(Malformed):
    """Bytes, or a value, that XDR cannot carry."""


def pack_int(value: int) -> bytes:
    """Encode a signed 32-bit integer."""
    return _pack(">i", value, "int")


def pack_uint(value: int) -> bytes:
    """Encode an unsigned 32-bit integer."""
    return _pack(">I", value, "unsigned int")


def pack_float(value: float) -> bytes:
    """Encode a single-precision float: of the 53 bits of a Python float's precision, 24 are left.

    Raises
    ------
    XdrError
        When the value is too large for single precision.
    """
    return _pack(">f", value, "float")


def pack_opaque(data: bytes, bound: int) -> bytes:
    """Encode bytes of variable length: length, bytes, zeros up to a multiple of four."""
    if len(data) > bound:
        raise XdrError(f"{len(data)} bytes, at most {bound} are allowed")
    return pack_uint(len(data)) + data + bytes(-len(data) % 4)


def pack_string(text: str, bound: int) -> bytes:
    """Encode a string of at most `bound` bytes. XDR says ASCII; we send UTF-8, which a C peer takes as it comes."""
    try:
        return pack_opaque(text.encode(), bound)
    except UnicodeEncodeError as error:
        raise XdrError("the string is not UTF-8") from error


def pack_array(items: Sequence[T], pack_item: Callable[[T], bytes], bound: int) -> bytes:
    """Encode an array of variable length: the count, then the items one after the other."""
    if len(items) > bound:
        raise XdrError(f"{len(items)} items, at most {bound} are allowed")
    return pack_uint(len(items)) + b"".join(pack_item(item) for item in items)


class Reader:
    """Reads values off the front of some bytes, one after the other.

    Parameters
    ----------
    data : bytes
        What a peer sent. Each method takes the next value, or raises `XdrError`.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take_int(self) -> int:
        """Take a signed 32-bit integer."""
        return int.from_bytes(self._take(4), "big", signed=True)

    def take_uint(self) -> int:
        """Take an unsigned 32-bit integer."""
        return int.from_bytes(self._take(4), "big")

    def take_float(self) -> float:
        """Take a single-precision float."""
        (value,) = struct.unpack(">f", self._take(4))
        return float(value)

    def take_opaque(self, bound: int) -> bytes:
        """Take bytes of variable length, at most `bound` of them; the padding must be zeros."""
        size = self._size(bound, "bytes")
        data, padding = self._take(size), self._take(-size % 4)
        if any(padding):
            raise XdrError("the padding is not zero")
        return data

    def take_string(self, bound: int) -> str:
        """Take a string of at most `bound` bytes."""
        try:
            return self.take_opaque(bound).decode()
        except UnicodeDecodeError as error:
            raise XdrError("the string is not UTF-8") from error

    def take_array(self, take_item: Callable[[], T], bound: int) -> list[T]:
        """Take an array of at most `bound` items."""
        return [take_item() for _ in range(self._size(bound, "items"))]

    def expect_end(self) -> None:
        """Check that nothing is left."""
        if self._at != len(self._data):
            raise XdrError(f"{len(self._data) - self._at} bytes after the last value")

    def take_rest(self) -> bytes:
        """Take everything that is left."""
        return self._take(len(self._data) - self._at)

    def _size(self, bound: int, of: str) -> int:
        size = self.take_uint()
        if size > bound:  # before anything is reserved for it
            raise XdrError(f"{size} {of} announced, at most {bound} are allowed")
        return size

    def _take(self, size: int) -> bytes:
        left = len(self._data) - self._at
        if size > left:
            raise XdrError(f"{size} bytes expected, {left} are there")
        self._at += size
        return self._data[self._at - size : self._at]


def float32(value: float) -> float:
    """Return what is left of a number after a trip in single precision.

    Examples
    --------
    >>> float32(16_777_217.0)
    16777216.0
    """
    return Reader(pack_float(value)).take_float()


def _pack(layout: str, value: float, kind: str) -> bytes:
    try:
        return struct.pack(layout, value)
    except (struct.error, OverflowError) as error:
        raise XdrError(f"{value} is no {kind} of 32 bits") from error
