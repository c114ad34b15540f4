"""Avro schemas with their names looked up: a type that is named once and used again is the same type again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companion.errors import CompanionError

Schema = str | Mapping[str, Any] | Sequence[Any]
"""An Avro schema as JSON gives it."""

PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
NAMED = {"record", "enum", "fixed"}


class InvalidSchema(CompanionError, ValueError):
    """A name in a schema is defined nowhere before it is used, or twice."""


def linked(schema: Schema) -> Any:
    """Give a schema with full names, and in place of every name the definition that it stands for.

    A name without a namespace is in that of the type around it (Apache Avro 1.12 specification, "Names"). A type that
    contains itself becomes a dictionary that does.

    Raises
    ------
    InvalidSchema
        If a name is not defined before it is used, or is defined twice.
    """
    return _linked(schema, "", {})


def _linked(schema: Schema, namespace: str, known: dict[str, Any]) -> Any:
    if isinstance(schema, str):
        return schema if schema in PRIMITIVES else _defined(schema, namespace, known)
    if not isinstance(schema, Mapping):
        return [_linked(branch, namespace, known) for branch in schema]
    kind = schema["type"]
    if isinstance(kind, str) and kind in NAMED:
        return _define(schema, namespace, known)
    if kind in ("array", "map"):
        key = "items" if kind == "array" else "values"
        return {**schema, key: _linked(schema[key], namespace, known)}
    return schema if isinstance(kind, str) and kind in PRIMITIVES else _linked(kind, namespace, known)


def _defined(name: str, namespace: str, known: Mapping[str, Any]) -> Any:
    full = _full(name, namespace)
    if full not in known:
        raise InvalidSchema(f"{full} is no type of Avro, and is not defined before it is used")
    return known[full]


def _define(schema: Mapping[str, Any], namespace: str, known: dict[str, Any]) -> dict[str, Any]:
    full = _full(schema["name"], schema.get("namespace", namespace))
    if full in known:
        raise InvalidSchema(f"{full} is defined twice")
    known[full] = definition = {**schema, "name": full}
    if schema["type"] == "record":
        inner = full.rpartition(".")[0]
        definition["fields"] = [
            {**entry, "type": _linked(entry["type"], inner, known)} for entry in schema["fields"]
        ]  # after the record is known, for it may contain itself
    return definition


def _full(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def is_union(schema: Any) -> bool:
    """Tell whether it is a union: a list of schemas."""
    return isinstance(schema, Sequence) and not isinstance(schema, str)


def kind_of(schema: Any) -> str:
    """Give the type of what is no union: ``record``, ``array``, ``long`` and so on."""
    return schema if isinstance(schema, str) else str(schema["type"])


def name_of(schema: Any) -> str:
    """Give the full name of a named type, and the type of any other that is no union, for a message."""
    return schema if isinstance(schema, str) else str(schema.get("name", schema["type"]))


def meaning_of(schema: Any) -> str:
    """Say what the numbers or bytes of a type stand for, as far as the schema does."""
    if not is_logical(schema):
        return f"plain {kind_of(schema)}"
    detail = [f"{key} {schema[key]}" for key in ("precision", "scale") if key in schema]
    return " ".join([str(schema["logicalType"]), *detail])


def is_logical(schema: Any) -> bool:
    """Tell whether a type says what its values stand for."""
    return isinstance(schema, Mapping) and "logicalType" in schema
