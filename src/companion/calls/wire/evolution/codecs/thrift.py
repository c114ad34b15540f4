"""Thrift's binary protocol, by thriftpy2 from generated text: a type and a tag before each value."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

from companion.calls.wire.evolution.changes import Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused

KINDS = {"int32": "i32", "int64": "i64", "double": "double", "string": "string"}
_numbers = itertools.count()


def _binary() -> Any:
    from thriftpy2.protocol import TBinaryProtocolFactory

    return TBinaryProtocolFactory()  # type: ignore[no-untyped-call]


def idl(schema: Schema) -> str:
    """Write a schema as Thrift's text."""
    return "struct Customer {" + " ".join(f"{f.tag}: {KINDS[f.kind]} {f.name};" for f in schema) + "}"


@cache
def _struct(schema: Schema) -> Any:
    from thriftpy2.parser import load_fp

    return load_fp(io.StringIO(idl(schema)), f"evolution_{next(_numbers)}_thrift").Customer


def exchange(writer: Schema, reader: Schema, records: Sequence[Record]) -> list[Received] | None:
    """Encode by one schema, decode by the other."""
    if any(field.kind not in KINDS for field in (*writer, *reader)):
        return None
    from thriftpy2.thrift import TException
    from thriftpy2.utils import deserialize, serialize

    factory = _binary()
    received: list[Received] = []
    for record in records:
        try:
            got = deserialize(_struct(reader)(), serialize(_struct(writer)(**record), factory), factory)
            received.append({field.name: getattr(got, field.name) for field in reader})
        except (TException, ValueError) as error:
            received.append(Refused(str(error)))
    return received
