"""HTTP/2 as far as a recording of gRPC needs it: frames (RFC 9113), and header compression (RFC 7541) to read.

A connection is a row of frames: three bytes of length, a type, flags, and the number of the stream that they belong to;
stream 0 is the connection itself. Each call is a stream. Headers are not text: a name or a value that was sent before
is a number in a table that both sides keep, so the bytes of a call cannot be read without those of the calls before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from companion.calls.wire.customers import Malformed

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, CONTINUATION = 0, 1, 3, 4, 7, 9
REFUSED_STREAM = 7  # the one error code by which a server says that it has not begun
FRAME_NAMES = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
FRAME_HEADER = 9
MAX_FRAME = 16_384  # what a peer may send unless we allow more
END_STREAM = 0x1
TABLE_SIZE = 4096  # of the table of headers, in bytes as RFC 7541 counts them

# The rows of RFC 7541, appendix A, that a gRPC call may use; the others have names that it does not send.
STATIC_TABLE = {
    1: (":authority", ""),
    2: (":method", "GET"),
    3: (":method", "POST"),
    4: (":path", "/"),
    6: (":scheme", "http"),
    7: (":scheme", "https"),
    8: (":status", "200"),
    15: ("accept-charset", ""),
    16: ("accept-encoding", "gzip, deflate"),
    28: ("content-length", ""),
    31: ("content-type", ""),
    33: ("date", ""),
    54: ("server", ""),
    58: ("user-agent", ""),
}
STATIC_ROWS = 61


class Http2Error(Malformed):
    """Bytes that are no HTTP/2, or more of it than this reader knows."""


@dataclass(frozen=True)
class Frame:
    """One frame.

    Parameters
    ----------
    kind, flags, stream : int
        From its header.
    payload : bytes
        What follows the header.
    """

    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def name(self) -> str:
        """The frame's type as the RFC calls it."""
        return FRAME_NAMES[self.kind] if self.kind < len(FRAME_NAMES) else f"type {self.kind}"


@dataclass(frozen=True)
class Field:
    """One header as it travelled.

    Parameters
    ----------
    data : bytes
        Its bytes on the wire.
    name, value : str
        What they mean.
    how : str
        "RFC's table" or "connection's table" when the bytes are only the number of a row, "new" when they spell it and
        it enters the connection's table, "once" when they spell it and it does not.
    """

    data: bytes
    name: str
    value: str
    how: str


def encode_frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Put a frame's header in front of its payload."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def spell(name: str, value: str) -> bytes:
    """Spell a header out, not to be remembered; for strings under 127 bytes."""
    return bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def read_frames(data: bytes) -> Iterator[Frame]:
    """Split one direction of a connection into frames; a client's begins with the preface, which is skipped."""
    data = data.removeprefix(PREFACE)
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 3], "big")
        end = at + FRAME_HEADER + length
        if end > len(data):
            raise Http2Error(f"a frame of {length} bytes, {max(len(data) - at - FRAME_HEADER, 0)} are there")
        stream = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFF_FFFF
        yield Frame(data[at + 3], data[at + 4], stream, data[at + FRAME_HEADER : end])
        at = end


class HeaderReader:
    """Reads the headers of one direction of a connection, in order, and keeps the table that they refer to."""

    def __init__(self) -> None:
        self._table: list[tuple[str, str]] = []  # the newest first
        self._size = TABLE_SIZE

    def read(self, block: bytes) -> list[Field]:
        """Read one block of headers."""
        fields = []
        at = 0
        while at < len(block):
            first = block[at]
            start = at
            if first & 0x80:  # 1xxxxxxx: name and value are a row of the table
                row, at = _integer(block, at, 7)
                name, value = self._row(row)
                how = "RFC's table" if row <= STATIC_ROWS else "connection's table"
            elif first & 0xE0 == 0x20:  # 001xxxxx: the table gets another size
                self._size, at = _integer(block, at, 5)
                self._evict()
                continue
            else:  # 01xxxxxx: spelt out, and remembered; 0000xxxx and 0001xxxx: spelt out, this time only
                remembered = bool(first & 0x40)
                row, at = _integer(block, at, 6 if remembered else 4)
                name, at = (self._row(row)[0], at) if row else _string(block, at)
                value, at = _string(block, at)
                how = "new" if remembered else "once"
                if remembered:
                    self._table.insert(0, (name, value))
                    self._evict()
            fields.append(Field(block[start:at], name, value, how))
        return fields

    def _row(self, row: int) -> tuple[str, str]:
        if row <= STATIC_ROWS:
            if row not in STATIC_TABLE:
                raise Http2Error(f"row {row} of the static table, which gRPC does not use")
            return STATIC_TABLE[row]
        if row - STATIC_ROWS > len(self._table):
            raise Http2Error(f"row {row} of a table that has {STATIC_ROWS + len(self._table)}")
        return self._table[row - STATIC_ROWS - 1]

    def _evict(self) -> None:
        while sum(len(name) + len(value) + 32 for name, value in self._table) > self._size:
            self._table.pop()


def _integer(block: bytes, at: int, bits: int) -> tuple[int, int]:
    """Read a number that begins in the last bits of a byte, and goes on in the next when they are all ones."""
    full = (1 << bits) - 1
    value = _byte(block, at) & full
    at += 1
    if value < full:
        return value, at
    for shift in range(0, 28, 7):
        byte = _byte(block, at)
        at += 1
        value += (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise Http2Error("a number without end")


def _string(block: bytes, at: int) -> tuple[str, int]:
    if _byte(block, at) & 0x80:
        raise Http2Error("a string in Huffman's code, which gRPC's library does not use")
    size, at = _integer(block, at, 7)
    if at + size > len(block):
        raise Http2Error(f"a string of {size} bytes, {len(block) - at} are there")
    return block[at : at + size].decode("latin-1"), at + size


def _byte(block: bytes, at: int) -> int:
    if at >= len(block):
        raise Http2Error("the headers end too early")
    return block[at]
