"""GIOP 1.2, the messages of CORBA: what each byte says, and which bytes say nothing.

A message is written in its sender's byte order, which bit 0 of the flags tells. Every number stands at a multiple of
its size, counted from the beginning of the message, and what lies between is a gap whose value the specification leaves
undefined: a sender may leave there whatever its buffer held. `read` finds the gaps, and they are masked in a dump.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from companion.calls.wire.customers import Malformed
from companion.calls.wire.recording.notes import Row
from companion.calls.wire.tcp import Read

Type = Literal["long", "string", "double", "float", "boolean"]

MAX_MESSAGE = 1 << 20
MAX_CONTEXTS = 100
HEADER = 12
KINDS = ("Request", "Reply", "CancelRequest", "LocateRequest", "LocateReply", "CloseConnection", "MessageError")
STATUSES = ("no exception", "user exception", "system exception", "location forward")
COMPLETED = ("COMPLETED_YES", "COMPLETED_NO", "COMPLETED_MAYBE")
FOUND = ("unknown object", "object here", "object forward")


@dataclass(frozen=True)
class Message:
    """One message.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    order : str
        "little" or "big": the byte order of its sender.
    id : int or None
        The number that ties a reply to its request.
    key, operation : str
        Of a request: which object, and what to do.
    status : str
        Of a reply: one of `STATUSES`; of a LocateReply: one of `FOUND`.
    exception : str
        Of a reply with an exception: its repository identifier.
    completed : str
        Of a system exception: one of `COMPLETED`.
    values : tuple
        What the body holds, as far as its types were given.
    rows : tuple of Row
        Every byte with its meaning; gaps are masked.
    gaps : tuple of (int, int)
        From where to where the sender left bytes that mean nothing.
    """

    kind: str
    order: Literal["little", "big"]
    id: int | None
    key: str
    operation: str
    status: str
    exception: str
    completed: str
    values: tuple[Any, ...]
    rows: tuple[Row, ...]
    gaps: tuple[tuple[int, int], ...]


class Cursor:
    """Goes through a message from the front; each read notes its row, each gap is masked."""

    def __init__(self, data: bytes, order: Literal["little", "big"]) -> None:
        self.data, self.order, self.at = data, order, 0
        self.rows: list[Row] = []
        self.gaps: list[tuple[int, int]] = []

    def take(self, size: int, meaning: str | Callable[[bytes], str]) -> bytes:
        """Read so many bytes.

        Raises
        ------
        Malformed
            When there are not so many.
        """
        if size > len(self.data) - self.at:
            raise Malformed(f"{size} bytes are announced at {self.at}, {len(self.data) - self.at} are left")
        data = self.data[self.at : self.at + size]
        if data:
            self.rows.append(Row(self.at, data, meaning if isinstance(meaning, str) else meaning(data)))
        self.at += size
        return data

    def align(self, unit: int, forced: bool = False) -> None:
        """Step over the gap before a number; `forced` gaps are those that the protocol itself prescribes."""
        size = -self.at % unit
        if size and (forced or self.at + size <= len(self.data)):
            start = self.at
            self.take(size, f"a gap of {size}")
            self.rows[-1] = Row(start, self.rows[-1].data, self.rows[-1].meaning, (0, size))
            self.gaps.append((start, start + size))

    def gap(self, size: int) -> None:
        """Step over bytes that are reserved."""
        start = self.at
        self.take(size, "reserved")
        self.rows[-1] = Row(start, self.rows[-1].data, "reserved", (0, size))
        self.gaps.append((start, start + size))

    def number(self, size: int, meaning: Callable[[int], str]) -> int:
        """Read a whole number without a sign, at a multiple of its size."""
        self.align(size)
        data = self.take(size, lambda data: meaning(int.from_bytes(data, self.order)))
        return int.from_bytes(data, self.order)

    def text(self, what: str) -> str:
        """Read a string: a length that counts the NUL at its end, and the bytes."""
        size = self.number(4, lambda size: f"{what}: {size} bytes, the NUL included")
        data = self.take(size, lambda data: f'"{printable(data[:-1])}" and a NUL')
        if not data.endswith(b"\0"):
            raise Malformed(f"{what}: a string that does not end with a NUL")
        return data[:-1].decode(errors="replace")

    def value(self, kind: Type) -> Any:
        """Read one value of the body."""
        if kind == "string":
            return self.text("string")
        if kind == "boolean":
            return bool(self.take(1, lambda data: f"boolean: {bool(data[0])}")[0])
        code, size = {"long": ("i", 4), "float": ("f", 4), "double": ("d", 8)}[kind]
        form = ("<" if self.order == "little" else ">") + code
        self.align(size)
        return struct.unpack(form, self.take(size, lambda data: f"{kind}: {struct.unpack(form, data)[0]}"))[0]


def read(data: bytes, types: Sequence[Type] = ()) -> Message:
    """Explain a message, byte by byte.

    Parameters
    ----------
    data : bytes
        Exactly one message.
    types : sequence of str
        What the body of a request, or of a reply without an exception, holds: it does not say so itself.

    Raises
    ------
    Malformed
        When it is no message of GIOP 1.2, or its types do not fit.
    """
    size = size_of(data[:HEADER])
    order: Literal["little", "big"] = "little" if data[6] & 1 else "big"
    if len(data) != HEADER + size:
        raise Malformed(f"the header announces {size} bytes, {len(data) - HEADER} follow")
    cursor = Cursor(data, order)
    cursor.take(4, "magic: GIOP")
    cursor.take(2, "version 1.2")
    cursor.take(1, f"flags: bit 0 says {order}-endian")
    kind = KINDS[cursor.take(1, lambda data: f"type {data[0]}: {KINDS[data[0]]}")[0]]
    cursor.number(4, lambda size: f"size of the rest: {size}")
    found: dict[str, Any] = {"id": None, "key": "", "operation": "", "status": "", "exception": "", "completed": ""}
    values: tuple[Any, ...] = ()
    if kind in ("Request", "Reply", "LocateRequest", "LocateReply"):
        found["id"] = cursor.number(4, lambda number: f"request {number}")
        read_head = {"Request": _request, "Reply": _reply, "LocateRequest": _target, "LocateReply": _located}[kind]
        read_head(cursor, found)
    if kind in ("Request", "Reply") and cursor.at < len(data):
        cursor.align(8, forced=True)
        values = _exception(cursor, found) if found["exception"] == "yes" else tuple(map(cursor.value, types))
    if types and kind in ("Request", "Reply") and found["exception"] == "" and cursor.at < len(data):
        raise Malformed(f"{len(data) - cursor.at} bytes more than the types account for")
    cursor.take(len(data) - cursor.at, "the rest of the body")
    return Message(kind, order, values=values, rows=tuple(cursor.rows), gaps=tuple(cursor.gaps), **found)


def size_of(header: bytes) -> int:
    """Return how many bytes follow a header, before any of them is received.

    Raises
    ------
    Malformed
        When it is none of GIOP 1.2, or announces more than `MAX_MESSAGE`.
    """
    if len(header) < HEADER:
        raise Malformed(f"a header of {len(header)} bytes, {HEADER} are needed")
    if header[:4] != b"GIOP":
        raise Malformed(f"no GIOP: {header[:4].hex(' ')}")
    if header[4:6] != b"\1\2":
        raise Malformed(f"GIOP {header[4]}.{header[5]}; this reads 1.2")
    if header[6] & 2:
        raise Malformed("a message in fragments, which this does not join")
    if header[7] >= len(KINDS):
        raise Malformed(f"a message of type {header[7]}")
    size = int.from_bytes(header[8:12], "little" if header[6] & 1 else "big")
    if size > MAX_MESSAGE:
        raise Malformed(f"a message of {size} bytes; {MAX_MESSAGE} are allowed")
    return size


def receive(read_exactly: Read) -> bytes:
    """Receive one message from a connection; a hostile length is refused before anything else is read."""
    header = read_exactly(HEADER)
    return header + read_exactly(size_of(header))


def cut(stream: bytes) -> list[bytes]:
    """Cut what one direction of a connection carried into its messages."""
    messages = []
    while stream:
        size = HEADER + size_of(stream[:HEADER])
        if size > len(stream):
            raise Malformed(f"a message of {size} bytes, of which {len(stream)} are there")
        messages.append(stream[:size])
        stream = stream[size:]
    return messages


def masked(data: bytes, types: Sequence[Type] = ()) -> bytes:
    """Return a message with its gaps set to zero, so that two recordings of one call are equal."""
    clean = bytearray(data)
    for start, end in read(data, types).gaps:
        clean[start:end] = bytes(end - start)
    return bytes(clean)


def printable(data: bytes) -> str:
    """Write bytes as text that spoils no page."""
    return "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data)


def _request(cursor: Cursor, found: dict[str, Any]) -> None:
    cursor.take(1, lambda data: f"response flags {data[0]}: {'answer me' if data[0] & 1 else 'no answer, please'}")
    cursor.gap(3)
    _target(cursor, found)
    found["operation"] = cursor.text("operation")
    _contexts(cursor)


def _target(cursor: Cursor, found: dict[str, Any]) -> None:
    kind = cursor.number(2, lambda kind: f"target by kind {kind}: {'an object key' if kind == 0 else 'a reference'}")
    if kind:
        raise Malformed(f"a target of kind {kind}; this reads object keys")
    size = cursor.number(4, lambda size: f"object key: {size} bytes")
    found["key"] = printable(cursor.take(size, lambda data: f'"{printable(data)}"'))


def _reply(cursor: Cursor, found: dict[str, Any]) -> None:
    status = cursor.number(4, lambda status: f"status {status}: {_named(STATUSES, status)}")
    found["status"] = _named(STATUSES, status)
    found["exception"] = "yes" if status in (1, 2) else ""
    _contexts(cursor)


def _located(cursor: Cursor, found: dict[str, Any]) -> None:
    status = cursor.number(4, lambda status: f"status {status}: {_named(FOUND, status)}")
    found["status"] = _named(FOUND, status)


def _exception(cursor: Cursor, found: dict[str, Any]) -> tuple[Any, ...]:
    found["exception"] = cursor.text("exception")
    if found["status"] == "system exception":
        cursor.number(4, lambda minor: f"minor code {minor:#x}")
        completed = cursor.number(4, lambda number: f"completion {number}: {_named(COMPLETED, number)}")
        found["completed"] = _named(COMPLETED, completed)
    return ()


def _contexts(cursor: Cursor) -> None:
    count = cursor.number(4, lambda count: f"{count} service contexts")
    if count > MAX_CONTEXTS:
        raise Malformed(f"{count} service contexts; {MAX_CONTEXTS} are allowed")
    for _ in range(count):
        cursor.number(4, lambda number: f"service context {number:#x}")
        size = cursor.number(4, lambda size: f"{size} bytes of it")
        cursor.take(size, "the context")


def _named(names: Sequence[str], number: int) -> str:
    if number >= len(names):
        raise Malformed(f"{number} where at most {len(names) - 1} is known")
    return names[number]
