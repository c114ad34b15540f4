"""The words that every module of this folder uses: a schema as it was read, and a verdict on one field."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How much harm a field does when it leaks; compare by `rank`, since the names sort by alphabet."""

    PUBLIC = "PUBLIC"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def rank(self) -> int:
        """0 for PUBLIC up to 3 for HIGH."""
        return list(Level).index(self)


class Kind(enum.StrEnum):
    """What a field holds: the type is evidence, since a flag or a count is hardly ever personal."""

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
    oneof: str | None = None
    mark: Mark | None = None  # the book's own annotation, when the field has one
    ignored: str | None = None  # the reason given in `pii:ignore REASON`


@dataclass(frozen=True)
class Message:
    """A message, named as JSON reports name it: dotted, inside its package."""

    name: str
    full_name: str
    line: int
    span: Span  # from `message` up to and including the closing brace
    fields: tuple[Field, ...]
    comment: str = ""
    mark: Mark | None = None
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
    mark: Mark | None = None


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


@dataclass(frozen=True)
class Mark:
    """The annotation that `companion pii annotate` writes."""

    level: Level
    type: str | None = None
    protections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a field holds, and why we say so.

    `source` names what decided: a rule with its line in the rules file ("ssn (rules.yaml:41)"), a mark in the schema,
    a learned annotation, or a model. `pii_type` is None exactly for PUBLIC fields.
    """

    path: str
    message: str
    field: Field
    level: Level
    pii_type: str | None
    reason: str
    source: str

    @property
    def key(self) -> str:
        """What a baseline knows the field by: file, message and field; lines move, and names seldom do."""
        return f"{self.path}:{self.message}.{self.field.name}"


@dataclass(frozen=True)
class Finding:
    """Something about the interface rather than about one field: a list that hands out everybody's secrets."""

    path: str
    line: int
    rule: str
    level: Level
    message: str
    fix: str


@dataclass(frozen=True)
class Scan:
    """Everything that one scan found."""

    schemas: tuple[Schema, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    rules_version: str
