"""A schema registry, small and in this process: it keeps versions of Avro schemas and refuses those that do not fit.

A schema fits as a reader of another if Avro's rules of resolution accept every record that the other can write (Apache
Avro 1.12 specification, "Schema Resolution"; records, enums, arrays, maps, unions and primitive types; a type that is
named once and referred to later is not looked up). Those rules let pass what changes values: a long read as a double
loses digits, and a long that says nothing of itself is read as milliseconds. A strict registry refuses these too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Schema = str | Mapping[str, Any] | Sequence[Any]
"""An Avro schema as JSON gives it."""

PROMOTIONS = {
    "int": ("long", "float", "double"), "long": ("float", "double"), "float": ("double",), "string": ("bytes",),
    "bytes": ("string",),
}  # fmt: skip
"""As what else a written type may be read."""

LOSSY = {("int", "float"), ("long", "float"), ("long", "double")}
"""Promotions after which a number may be another."""

CHECKS = {"backward": (True, False), "forward": (False, True), "full": (True, True), "none": (False, False)}
"""For each mode: whether the new schema reads the old data, and whether the old one reads the new data."""


class IncompatibleSchema(ValueError):
    """A schema was offered that does not fit the versions before it."""


def misfits(writer: Schema, reader: Schema, *, strict: bool = False, at: str = "") -> list[str]:
    """List why data of one schema cannot be read with another; empty if it can.

    Parameters
    ----------
    writer, reader : schema
        What the data was written with, and what reads it.
    strict : bool
        Whether a promotion that loses digits, or a logical type that only one of them has, counts as a misfit.
    at : str
        Where in the schema, for the messages.
    """
    place = at or "the schema"
    if isinstance(writer, str) and isinstance(reader, str):
        return _primitive(writer, reader, strict, place)
    if _is_union(writer):
        return [why for branch in writer for why in misfits(branch, reader, strict=strict, at=at)]
    if _is_union(reader):
        fits = any(not misfits(writer, branch, strict=strict, at=at) for branch in reader)
        return [] if fits else [f"{place}: {_name(writer)} is none of {', '.join(map(_name, reader))}"]
    if strict and (_logical(writer) or _logical(reader)) and _meaning(writer) != _meaning(reader):
        return [f"{place}: {_meaning(writer)} read as {_meaning(reader)}"]
    if _kind(writer) != _kind(reader):
        return _primitive(_kind(writer), _kind(reader), strict, place)
    return _same_kind(writer, reader, strict, at)


def _same_kind(writer: Any, reader: Any, strict: bool, at: str) -> list[str]:
    kind, place = _kind(writer), at or "the schema"
    if kind == "record":
        return _record(writer, reader, strict, at)
    if kind in ("array", "map"):
        key = "items" if kind == "array" else "values"
        return misfits(writer[key], reader[key], strict=strict, at=f"{at}[]")
    if kind == "enum":
        gone = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
        return [f"{place}: {', '.join(gone)} is no symbol of the reader"] if gone and "default" not in reader else []
    if kind == "fixed" and writer["size"] != reader["size"]:
        return [f"{place}: fixed of {writer['size']} bytes read as {reader['size']}"]
    return []


def _record(writer: Any, reader: Any, strict: bool, at: str) -> list[str]:
    written = {entry["name"]: entry for entry in writer["fields"]}
    found: list[str] = []
    for entry in reader["fields"]:
        name = f"{at}.{entry['name']}".lstrip(".")
        names = [entry["name"], *entry.get("aliases", ())]
        source = next((written[known] for known in names if known in written), None)
        if source is not None:
            found += misfits(source["type"], entry["type"], strict=strict, at=name)
        elif "default" not in entry:
            found.append(f"{name}: the writer has no such field, and the reader no default")
    return found


def _primitive(writer: str, reader: str, strict: bool, place: str) -> list[str]:
    if writer != reader and reader not in PROMOTIONS.get(writer, ()):
        return [f"{place}: {writer} cannot be read as {reader}"]
    if strict and (writer, reader) in LOSSY:
        return [f"{place}: {writer} read as {reader} loses digits"]
    return []


def _is_union(schema: Schema) -> bool:
    return isinstance(schema, Sequence) and not isinstance(schema, str)


def _kind(schema: Any) -> str:
    return schema if isinstance(schema, str) else str(schema["type"])


def _logical(schema: Any) -> bool:
    return not isinstance(schema, str) and "logicalType" in schema


def _meaning(schema: Any) -> str:
    """Say what the numbers or bytes of a type stand for, as far as the schema does."""
    if not _logical(schema):
        return f"plain {_kind(schema)}"
    detail = [f"{key} {schema[key]}" for key in ("precision", "scale") if key in schema]
    return " ".join([str(schema["logicalType"]), *detail])


def _name(schema: Any) -> str:
    return schema if isinstance(schema, str) else str(schema.get("name", schema["type"]))


@dataclass
class Registry:
    """The schemas by subject, oldest first, each with an identifier that goes with the data.

    Attributes
    ----------
    mode : str
        ``backward`` (a new schema reads old data), ``forward`` (old readers read new data), ``full`` or ``none``.
    strict : bool
        Whether what changes values is refused too; see `misfits`.
    """

    mode: str = "full"
    strict: bool = False
    subjects: dict[str, list[int]] = field(default_factory=dict)
    schemas: dict[int, Any] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def register(self, subject: str, schema: Schema) -> int:
        """Keep a version of a subject's schema, and give its identifier; the same schema keeps the one it has.

        Raises
        ------
        IncompatibleSchema
            If it does not fit a version before it; the message names the fields.
        """
        versions = self.subjects.setdefault(subject, [])
        text = json.dumps(schema, sort_keys=True)
        for number in versions:
            if json.dumps(self.schemas[number], sort_keys=True) == text:
                return number
        for number in versions:
            self._compare(subject, number, schema)
        number = next(self.numbers)
        self.schemas[number] = json.loads(text)
        versions.append(number)
        return number

    def _compare(self, subject: str, number: int, schema: Schema) -> None:
        old, (backward, forward) = self.schemas[number], CHECKS[self.mode]
        why = misfits(old, schema, strict=self.strict) if backward else []
        why += misfits(schema, old, strict=self.strict) if forward else []
        if why:
            raise IncompatibleSchema(f"{subject} does not fit its version {number}: {'; '.join(why)}")
