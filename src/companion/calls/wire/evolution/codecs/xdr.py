"""XDR: values one after the other, nothing else. Read on as far as it goes, or with the length and the end checked."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from companion.calls.wire.evolution.changes import Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused
from companion.calls.wire.xdr import Reader, XdrError, pack_string

NUMBERS = {"int32": ">i", "int64": ">q", "double": ">d", "float": ">f"}
NAME_BOUND = 30
UNBOUNDED = 2**32 - 1


def encode(schema: Schema, record: Record) -> bytes:
    """Write the fields in the schema's order."""
    return b"".join(
        pack_string(record[field.name], UNBOUNDED)
        if field.kind == "string"
        else struct.pack(NUMBERS[field.kind], record[field.name])
        for field in schema
    )


def decode(schema: Schema, data: bytes, *, strict: bool) -> Record:
    """Read the fields in the schema's order; `strict` checks that strings are within 30 bytes, and that data ends."""
    reader, bound = Reader(data), NAME_BOUND if strict else UNBOUNDED
    record: Record = {}
    for field in schema:
        record[field.name] = reader.take_string(bound) if field.kind == "string" else _number(reader, field.kind)
    if strict:
        reader.expect_end()
    return record


def _number(reader: Reader, kind: str) -> float:
    layout = NUMBERS[kind]
    data = b"".join(reader.take_uint().to_bytes(4, "big") for _ in range(struct.calcsize(layout) // 4))
    (value,) = struct.unpack(layout, data)
    return float(value) if kind in ("double", "float") else int(value)


def exchange(writer: Schema, reader: Schema, records: Sequence[Record], *, strict: bool = False) -> list[Received]:
    """Encode by one schema, decode by the other."""
    received: list[Received] = []
    for record in records:
        try:
            received.append(decode(reader, encode(writer, record), strict=strict))
        except XdrError as error:
            received.append(Refused(str(error)))
    return received
