"""A schema registry, small and in this process: it keeps versions of Avro schemas and refuses those that do not fit.

A schema fits as a reader of another if Avro's rules of resolution accept every record that the other can write (Apache
Avro 1.12 specification, "Schema Resolution"). Those rules let pass what changes values: a long read as a double loses
digits, and a long that says nothing of itself is read as milliseconds. A strict registry refuses these too.

The rules are held against fastavro's reader. Where that takes more than the specification, so does this: decimals of
another precision or scale, and an alias without a namespace for a type of the writer's in any namespace. Four times
this does not follow it. fastavro reads a fixed as an enum of the same name; takes the first of two fields, by the
writer's order, that a reader's field has as name and alias, or fails; takes a branch of a union by its name though its
kind is another; and fails where the writer names a type and the reader's union defines it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from companion.errors import CompanionError
from companion.simulators.interaction.checks.avro import (
    NAMED,
    Schema,
    is_logical,
    is_union,
    kind_of,
    linked,
    meaning_of,
    name_of,
)

__all__ = ["LOSSY", "IncompatibleSchema", "Registry", "Schema", "misfits"]

PROMOTIONS = {
    "int": ("long", "float", "double"), "long": ("float", "double"), "float": ("double",), "string": ("bytes",),
    "bytes": ("string",),
}  # fmt: skip
"""As what else a written type may be read."""

LOSSY = {("int", "float"), ("long", "float"), ("long", "double")}
"""Promotions after which a number may be another."""

CHECKS = {"backward": (True, False), "forward": (False, True), "full": (True, True), "none": (False, False)}
"""For each mode: whether the new schema reads the old data, and whether the old one reads the new data."""


class IncompatibleSchema(CompanionError, ValueError):
    """A schema was offered that does not fit the versions before it."""


def misfits(writer: Schema, reader: Schema, *, strict: bool = False) -> list[str]:
    """List why data of one schema cannot be read with another; empty if it can.

    Parameters
    ----------
    writer, reader : schema
        What the data was written with, and what reads it.
    strict : bool
        Whether a promotion that loses digits, or a logical type that only one of them has, counts as a misfit.

    Raises
    ------
    companion.simulators.interaction.checks.avro.InvalidSchema
        If a name in one of them is not defined before it is used, or is defined twice.
    """
    ours, theirs = linked(writer), linked(reader)
    return [] if writer == reader else _Comparison(strict).of(ours, theirs, "")


@dataclass
class _Comparison:
    """Two schemas while they are compared; `begun` holds the pairs of records seen, so that recursion ends."""

    strict: bool
    begun: set[tuple[str, str]] = field(default_factory=set)

    def of(self, writer: Any, reader: Any, at: str) -> list[str]:
        """Compare what stands at one place of both."""
        place = at or "the schema"
        if is_union(writer):
            return [why for branch in writer for why in self.of(branch, reader, at)]
        if is_union(reader):
            chosen = next((branch for branch in reader if _matches(writer, branch)), None)
            if chosen is None:
                return [f"{place}: {name_of(writer)} is none of {', '.join(map(name_of, reader))}"]
            return self.of(writer, chosen, at)
        if self.strict and (is_logical(writer) or is_logical(reader)) and meaning_of(writer) != meaning_of(reader):
            return [f"{place}: {meaning_of(writer)} read as {meaning_of(reader)}"]
        kinds = kind_of(writer), kind_of(reader)
        if kinds[0] != kinds[1] or kinds[0] not in (*NAMED, "array", "map"):
            return _primitive(*kinds, self.strict, place)
        if kinds[0] in NAMED and not _same_name(writer, reader):
            return [f"{place}: {name_of(writer)} read as {name_of(reader)}, which is neither its name nor an alias"]
        return self.same_kind(kinds[0], writer, reader, at)

    def same_kind(self, kind: str, writer: Any, reader: Any, at: str) -> list[str]:
        """Compare two types that are both of one kind, and of one name if they have any."""
        if kind == "record":
            pair = (writer["name"], reader["name"])
            if pair in self.begun:
                return []
            self.begun.add(pair)
            return self.records(writer, reader, at)
        if kind in ("array", "map"):
            key = "items" if kind == "array" else "values"
            return self.of(writer[key], reader[key], f"{at}[]")
        return (_symbols if kind == "enum" else _sizes)(writer, reader, at or "the schema")

    def records(self, writer: Any, reader: Any, at: str) -> list[str]:
        """Compare the fields of two records: each of the writer's is read by its name, or else by an alias."""
        by_alias = {alias: entry["name"] for entry in reader["fields"] for alias in entry.get("aliases", ())}
        names = {entry["name"] for entry in reader["fields"]}
        sources: dict[str, list[Any]] = {name: [] for name in names}
        for entry in writer["fields"]:
            name = entry["name"] if entry["name"] in names else by_alias.get(entry["name"])
            if name is not None:
                sources[name].append(entry)
        found: list[str] = []
        for entry in reader["fields"]:
            where, written = f"{at}.{entry['name']}".lstrip("."), sources[entry["name"]]
            if len(written) > 1:
                found.append(
                    f"{where}: the writer has {' and '.join(one['name'] for one in written)}, which are both it"
                )
            elif written:
                found += self.of(written[0]["type"], entry["type"], where)
            elif "default" not in entry:
                found.append(f"{where}: the writer has no such field, and the reader no default")
        return found


def _matches(writer: Any, reader: Any) -> bool:
    """Tell whether two linked schemas match before one looks into them, which is what chooses a branch of a union.

    The first that matches is taken, though a later one would lose less, or would be the only one that can be read.
    """
    if is_union(writer) or is_union(reader):
        return True
    kind, other = kind_of(writer), kind_of(reader)
    if kind != other:
        return other in PROMOTIONS.get(kind, ())
    if kind in ("array", "map"):
        key = "items" if kind == "array" else "values"
        return _matches(writer[key], reader[key])
    return kind not in NAMED or (_same_name(writer, reader) and writer.get("size") == reader.get("size"))


def _same_name(writer: Any, reader: Any) -> bool:
    """Tell whether the unqualified names are the same, or the writer's is an alias of the reader's."""
    short = writer["name"].rpartition(".")[2]
    aliases = reader.get("aliases", ())
    return short == reader["name"].rpartition(".")[2] or writer["name"] in aliases or short in aliases


def _symbols(writer: Any, reader: Any, place: str) -> list[str]:
    gone = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
    return [f"{place}: {', '.join(gone)} is no symbol of the reader"] if gone and "default" not in reader else []


def _sizes(writer: Any, reader: Any, place: str) -> list[str]:
    if writer["size"] == reader["size"]:
        return []
    return [f"{place}: fixed of {writer['size']} bytes read as {reader['size']}"]


def _primitive(writer: str, reader: str, strict: bool, place: str) -> list[str]:
    if writer != reader and reader not in PROMOTIONS.get(writer, ()):
        return [f"{place}: {writer} cannot be read as {reader}"]
    if strict and (writer, reader) in LOSSY:
        return [f"{place}: {writer} read as {reader} loses digits"]
    return []


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
        companion.simulators.interaction.checks.avro.InvalidSchema
            If a name in it is not defined before it is used, or is defined twice.
        """
        linked(schema)
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
