"""A schema as its author wrote it: messages, fields and methods, each with its comment, its options and its place."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]
"""What is told how far the reading of many schemas is."""


def quiet(_: str) -> None:
    """Tell nobody."""


class Kind(enum.StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    BYTES = "bytes"
    NUMBER = "number"
    FLAG = "flag"
    ENUM = "enum"
    MESSAGE = "message"


@dataclass(frozen=True)
class Span:
    """A range of bytes in the source file, from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Field:
    """One field as its author wrote it."""

    name: str
    number: int
    kind: Kind
    type: str  # "string", or the full name of a message or enum: "google.protobuf.Timestamp"
    line: int  # 1-based
    span: Span  # from its first word up to and including the semicolon (of a group: its closing brace)
    repeated: bool = False
    key_type: str | None = None  # of a map; `kind` and `type` are then those of its values
    comment: str = ""
    options: str = ""  # the text between the brackets, comments removed
    compiled_options: bytes = b""  # what protoc made of them: a google.protobuf.FieldOptions, extensions included
    oneof: str | None = None
    extends: str = ""  # of an extension, the full name of the message that it adds a field to


@dataclass(frozen=True)
class Message:
    """A message; `name` is the dotted one inside its package: `Outer.Inner`."""

    name: str
    full_name: str
    line: int
    span: Span  # from `message` up to and including the closing brace
    fields: tuple[Field, ...]
    comment: str = ""
    compiled_options: bytes = b""  # a google.protobuf.MessageOptions
    holds_extensions: bool = False  # declares extension ranges: others may put anything into it
    declared: bool = True  # False for the place of extensions, which is no message and has no braces of its own


@dataclass(frozen=True)
class Method:
    """One call of a service; its types are full names."""

    service: str
    name: str
    request: str
    response: str
    line: int
    span: Span
    streams: bool = False  # the response is a stream
    comment: str = ""
    compiled_options: bytes = b""  # a google.protobuf.MethodOptions


@dataclass(frozen=True)
class Schema:
    """A file that could be read. `path` is what the user called it, `source` its bytes, untouched."""

    path: str
    package: str
    source: bytes
    messages: tuple[Message, ...]
    methods: tuple[Method, ...]
    imports: tuple[str, ...] = ()
    judged: bool = True  # False for a file that is only imported by those that were asked for


@dataclass(frozen=True)
class Problem:
    """Something that could not be read (`fatal`), or was read in part."""

    path: str
    message: str
    line: int | None = None
    fatal: bool = True

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {'' if self.fatal else 'warning: '}{self.message}"
