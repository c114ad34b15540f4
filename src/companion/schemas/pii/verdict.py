"""What all of this folder speaks of: a level of harm, a mark in a schema, a verdict on a field, what a scan found."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from companion.schemas.protobuf.model import Field, Message, Method, Problem, Schema


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


@dataclass(frozen=True)
class Mark:
    """The annotation that `companion pii annotate` writes."""

    level: Level
    type: str | None = None
    protections: tuple[str, ...] = ()


@dataclass(frozen=True)
class MarkedField(Field):
    """A field, with what its author says of it: its mark, or why it needs none."""

    mark: Mark | None = None
    ignored: str | None = None  # the reason given in `pii:ignore REASON`, which is then no part of the comment


@dataclass(frozen=True)
class MarkedMessage(Message):
    """A message, with its mark."""

    fields: tuple[MarkedField, ...]
    mark: Mark | None = None


@dataclass(frozen=True)
class MarkedMethod(Method):
    """A method, with its mark."""

    mark: Mark | None = None


@dataclass(frozen=True)
class MarkedSchema(Schema):
    """A schema, with the marks in it."""

    messages: tuple[MarkedMessage, ...]
    methods: tuple[MarkedMethod, ...]


@dataclass(frozen=True)
class Verdict:
    """What a field holds, and why we say so.

    `source` names what decided: a rule with its line in the rules file ("ssn (rules.yaml:41)"), a mark in the schema,
    a learned annotation, or a model. `pii_type` is None exactly for PUBLIC fields. `about` says why the value relates
    to a person, if it does: that is another question than its level (see `evidence.scope`).
    """

    path: str
    message: str
    field: MarkedField
    level: Level
    pii_type: str | None
    reason: str
    source: str
    about: str | None = None

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

    schemas: tuple[MarkedSchema, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    rules_version: str
