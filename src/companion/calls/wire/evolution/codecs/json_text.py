"""JSON: a name before each value. Read by `d[name]`, by `d.get(name)`, or by a Pydantic model, default or strict."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from companion.calls.wire.evolution.changes import Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused

KINDS = {"int32": int, "int64": int, "double": float, "float": float, "string": str}


def by_index(reader: Schema, text: str) -> Record:
    """Read `d[name]`: what is missing is a KeyError."""
    found = json.loads(text)
    return {field.name: found[field.name] for field in reader}


def by_get(reader: Schema, text: str) -> Record:
    """Read `d.get(name)`: what is missing is None."""
    found = json.loads(text)
    return {field.name: found.get(field.name) for field in reader}


@cache
def _model(schema: Schema, strict: bool) -> type[BaseModel]:
    config = ConfigDict(extra="forbid", strict=True) if strict else ConfigDict()
    return create_model("Customer", __config__=config, **{field.name: (KINDS[field.kind], ...) for field in schema})  # type: ignore[call-overload,no-any-return]


def by_model(reader: Schema, text: str) -> Record:
    """Read through Pydantic as it comes: digits may become numbers, what nobody knows is ignored."""
    return _model(reader, False).model_validate_json(text).model_dump()


def by_strict_model(reader: Schema, text: str) -> Record:
    """Read through Pydantic with `strict=True, extra="forbid"`."""
    return _model(reader, True).model_validate_json(text).model_dump()


Decode = Callable[[Schema, str], Record]


def exchange(decode: Decode, reader: Schema, records: Sequence[Record]) -> list[Received]:
    """Write JSON, which needs no schema, and read it by one of the above."""
    received: list[Received] = []
    for record in records:
        try:
            received.append(decode(reader, json.dumps(record)))
        except (KeyError, ValidationError) as error:
            received.append(Refused(f"{type(error).__name__}: {error}".splitlines()[0]))
    return received
