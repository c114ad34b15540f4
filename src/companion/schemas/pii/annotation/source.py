"""Writing verdicts into the schemas themselves, as options that every runtime can read.

    string ssn = 1;

becomes

    string ssn = 1 [(companion.pii.v1.field) = { level: HIGH, type: "SSN", protect: [ENCRYPT, MASK, AUDIT] }];

A mark that is there already is somebody's decision, and stays. So a second run changes nothing. Where the text goes is
the business of `insertion_points`; how it reaches the disk, that of `safe_write`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from companion.schemas.pii.annotation.buf_layout import BufLayout, uses_buf
from companion.schemas.pii.annotation.definitions import DEFINITIONS
from companion.schemas.pii.annotation.protections import asked_of
from companion.schemas.pii.evidence.api_exposure import message_levels
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, MarkedMethod, MarkedSchema, Verdict
from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.insertion_points import Insertion, Layout, apply
from companion.schemas.protobuf.model import Span
from companion.schemas.protobuf.safe_write import Refused

PACKAGE = "companion.pii.v1"

_ROOT = PACKAGE.partition(".")[0]
_DECLARED = re.compile(rb"\b(message|enum|service|group)\s+%s\b" % _ROOT.encode())


def with_marks(
    schema: MarkedSchema,
    verdicts: Sequence[Verdict],
    rules: Rules,
    methods: Mapping[str, Level],
    others: Sequence[MarkedSchema] = (),
) -> bytes:
    """Write marks into a schema.

    Parameters
    ----------
    schema
        As `read_schemas` gave it.
    verdicts
        What its fields hold; those of other files are passed over.
    rules
        What each level asks for, where no law or standard knows better; a level without protections asks for none.
    methods
        The level of each method by its full name, as `method_levels` gives it.
    others
        All schemas of the scan: a package of theirs can hide ours, whose name is then written with a leading dot.

    Returns
    -------
    bytes
        The new source: every byte of the old one in its order, and the marks between them.

    Raises
    ------
    Refused
        When a field is not where its descriptor says; nothing is guessed.
    """
    return apply(schema.source, insertions(schema, verdicts, rules, methods, others))


def insertions(
    schema: MarkedSchema,
    verdicts: Sequence[Verdict],
    rules: Rules,
    methods: Mapping[str, Level],
    others: Sequence[MarkedSchema] = (),
) -> list[Insertion]:
    """What `with_marks` would insert, and where."""
    if _needed_by_the_marks(schema):
        return []
    writer = _Writer(schema, rules, "." if hidden(schema, others) else "")
    found = [
        *writer.fields(
            {(verdict.message, verdict.field.name): verdict for verdict in verdicts if verdict.path == schema.path}
        ),
        *writer.messages(message_levels([schema], verdicts)),
        *writer.methods(methods),
    ]
    if found and not any(f"/{name}".endswith(f"/{DEFINITIONS}") for name in schema.imports):
        found += writer.layout.after_imports(f'import "{DEFINITIONS}";'.encode())
    return found


def _needed_by_the_marks(schema: MarkedSchema) -> bool:
    """Whether the definitions of the marks import this file, or are this file: it cannot import them."""
    options = schema.package == "google.protobuf" and any(message.name == "FieldOptions" for message in schema.messages)
    return options or schema.package == PACKAGE


class _Writer:
    """The marks of one file."""

    def __init__(self, schema: MarkedSchema, rules: Rules, dot: str) -> None:
        self.schema = schema
        self.rules = rules
        self.prefix = f"{dot}{PACKAGE}"
        self.layout = (BufLayout if uses_buf(Path(schema.path)) else Layout)(schema.source)

    def fields(self, verdicts: Mapping[tuple[str, str], Verdict]) -> Iterator[Insertion]:
        for message in self.schema.messages:
            for field in message.fields:
                verdict = verdicts.get((message.name, field.name))
                if (
                    verdict is None
                    or verdict.level is Level.PUBLIC
                    or field.mark is not None
                    or field.ignored is not None
                ):
                    continue
                span = self._sure(field, field.span)
                yield from self.layout.into_brackets(span.start, span.end, self._mark(verdict))

    def messages(self, levels: Mapping[str, Level]) -> Iterator[Insertion]:
        for message in self.schema.messages:
            level = levels.get(message.full_name, Level.PUBLIC)
            if message.declared and message.mark is None and level is not Level.PUBLIC:
                span = self._sure(message, message.span)
                option = f"option ({self.prefix}.message) = {{ level: {level} }};"
                yield from self.layout.into_body(span.start, span.end, option.encode())

    def methods(self, levels: Mapping[str, Level]) -> Iterator[Insertion]:
        package = f"{self.schema.package}." if self.schema.package else ""
        for method in self.schema.methods:
            level = levels.get(f"{package}{method.service}.{method.name}", Level.PUBLIC)
            if method.mark is None and level is not Level.PUBLIC:
                span = self._sure(method, method.span)
                audit = ", audit: true" if "AUDIT" in self.rules.protections.get(level, ()) else ""
                option = f"option ({self.prefix}.method) = {{ level: {level}{audit} }}"
                yield from self.layout.into_method(span.start, span.end, option.encode())

    def _mark(self, verdict: Verdict) -> bytes:
        parts = [f"level: {verdict.level}"]
        if verdict.pii_type is not None:
            parts.append(f"type: {json.dumps(verdict.pii_type)}")
        asked = asked_of(verdict, self.rules)
        if asked.protect:
            parts.append(f"protect: [{', '.join(asked.protect)}]")
        if asked.by is not None:
            parts.append(f"asked_by: {json.dumps(asked.by)}")
        return f"({self.prefix}.field) = {{ {', '.join(parts)} }}".encode()

    def _sure(self, what: MarkedField | MarkedMessage | MarkedMethod, span: Span) -> Span:
        """The span, if what it holds looks like what it should: a wrong place would spoil somebody's file."""
        held = self.layout.masked[span.start : span.end]
        name = what.name.rpartition(".")[2].encode()
        if held[-1:] not in (b";", b"}") or not re.search(rb"\b" + name + rb"\b", held, re.IGNORECASE):
            raise Refused(f"{self.schema.path}:{what.line}: cannot tell where {what.name} ends; mark it by hand")
        return span


def hidden(schema: MarkedSchema, others: Sequence[MarkedSchema] = ()) -> bool:
    """Whether something nearer than our package is called `companion`, so that our names need a leading dot.

    protoc looks for the first part of a name from the inside outwards, and takes the first package, message, enum or
    service that it meets: in `acme.shop`, a package `acme.companion` comes before ours.
    """
    own = schema.package.split(".")
    if _ROOT in own[1:] or _DECLARED.search(source_text.mask(schema.source)):
        return True
    near = {".".join([*own[:length], _ROOT, ""]) for length in range(1, len(own) + 1) if own[0]}
    hiding = [other for other in others if any(name.startswith(place) for name in _names(other) for place in near)]
    return bool(hiding) and any(other is found for found in _imported(schema, others) for other in hiding)


def _names(schema: MarkedSchema) -> list[str]:
    """The packages and messages of a schema that our root could be mistaken for."""
    messages = [f"{message.full_name}." for message in schema.messages if message.name == _ROOT]
    return [f"{schema.package}.", *messages] if _ROOT in schema.package.split(".")[1:] else messages


def _imported(schema: MarkedSchema, others: Sequence[MarkedSchema]) -> list[MarkedSchema]:
    """The schemas that this one imports, directly or not, as far as their paths tell."""
    found: list[MarkedSchema] = []
    pending = [schema]
    while pending:
        for name in pending.pop().imports:
            for other in others:
                if (Path.cwd() / other.path).as_posix().endswith(f"/{name}") and all(
                    other is not known for known in found
                ):
                    found.append(other)
                    pending.append(other)
    return found
