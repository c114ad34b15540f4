"""Schemas with what their authors say of them in the terms of this chapter: marks, and `pii:ignore REASON`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FieldOptions, MessageOptions, MethodOptions

import companion.schemas.pii.pii_pb2 as pii_pb2
from companion.schemas.pii.verdict import Level, Mark, MarkedField, MarkedMessage, MarkedMethod, MarkedSchema
from companion.schemas.protobuf.excluding import Excluded
from companion.schemas.protobuf.model import Field, Message, Method, Problem, Schema, Tell, quiet
from companion.schemas.protobuf.reader import read_schemas

_IGNORE = re.compile(r"\bpii:ignore\b[ \t:]*(?P<reason>[^\n]*)")
NO_REASON = "`pii:ignore` without a reason changes nothing; write why: `// pii:ignore shown on every parcel`"


def read_marked(
    paths: Sequence[Path],
    include: Sequence[Path] = (),
    exclude: Excluded | None = None,
    tell: Tell = quiet,
) -> tuple[list[MarkedSchema], list[Problem]]:
    """Read every schema under `paths`, with the marks in it.

    Parameters
    ----------
    paths
        Files and folders.
    include
        Folders that imports are relative to; others are guessed.
    exclude
        What is left out, beside what the repository ignores.
    tell
        Told how far we are.

    Returns
    -------
    tuple
        As `read_schemas` gives it: what could be read, and what could not, or only in part.
    """
    schemas, problems = read_schemas(paths, include, exclude, tell)
    return [_schema(schema, problems) for schema in schemas], problems


def _schema(schema: Schema, problems: list[Problem]) -> MarkedSchema:
    """The schema with its marks; what is wrong with a remark is added to `problems`."""
    messages = tuple(_message(message, schema.path, problems) for message in schema.messages)
    methods = tuple(_method(method) for method in schema.methods)
    return MarkedSchema(**vars(schema) | {"messages": messages, "methods": methods})


def _message(message: Message, path: str, problems: list[Problem]) -> MarkedMessage:
    mark = _summary(MessageOptions, message.compiled_options, pii_pb2.message)
    fields = tuple(_field(field, path, problems) for field in message.fields)
    return MarkedMessage(**vars(message) | {"fields": fields}, mark=mark)


def _method(method: Method) -> MarkedMethod:
    return MarkedMethod(**vars(method), mark=_summary(MethodOptions, method.compiled_options, pii_pb2.method))


def _field(field: Field, path: str, problems: list[Problem]) -> MarkedField:
    mark = _mark(field.compiled_options) if field.compiled_options else None
    if "pii:ignore" not in field.comment:
        return MarkedField(**vars(field), mark=mark)
    match = _IGNORE.search(field.comment)
    reason = match["reason"].strip() if match else ""
    if match and not reason:
        problems.append(Problem(path, NO_REASON, field.line, fatal=False))
    comment = _IGNORE.sub("", field.comment).strip()
    return MarkedField(**vars(field) | {"comment": comment}, mark=mark, ignored=reason or None)


def _mark(compiled: bytes) -> Mark | None:
    options: Any = FieldOptions.FromString(compiled)  # Any: the stubs do not know that a generated name is an extension
    if not options.HasExtension(pii_pb2.field):
        return None
    mark = options.Extensions[pii_pb2.field]
    protections = tuple(pii_pb2.Protection.Name(value) for value in mark.protect)
    return Mark(_level(mark.level), mark.type or None, protections)


def _summary(kind: type[MessageOptions] | type[MethodOptions], compiled: bytes, extension: Any) -> Mark | None:
    options: Any = kind.FromString(compiled)
    if not options.HasExtension(extension):
        return None
    summary = options.Extensions[extension]
    return Mark(_level(summary.level), None, ("AUDIT",) if summary.audit else ())


def _level(number: int) -> Level:
    """A mark without a level, or with one of a later version, is read as the highest: somebody meant something."""
    name = pii_pb2.Level.Name(number) if number in pii_pb2.Level.values() else ""
    return Level(name) if name in list(Level) else Level.HIGH
