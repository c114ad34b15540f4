"""A few lines of schema, judged at once: for trying out, in a notebook or for a rule of your own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.verdict import MarkedField, MarkedMessage, MarkedSchema, Verdict
from companion.schemas.protobuf.model import Kind, Span

_FIRST_LINE = re.compile(r"^\s*(syntax|edition)\s*=", re.MULTILINE)
_KINDS = {"string": Kind.TEXT, "bytes": Kind.BYTES, "bool": Kind.FLAG}


def verdicts_on(source: str, rules: str | None = None) -> list[Verdict]:
    """Judge the fields of a schema that is written out here.

    Parameters
    ----------
    source
        Messages; proto3 is meant, unless they bring a first line of their own.
    rules
        Rules of your own, in the form of rules.yaml, beside those that come with the package.

    Raises
    ------
    ValueError
        If protoc refuses the schema, in its words, or the rules cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="companion-") as folder:
        schema = Path(folder) / "here.proto"
        first = "" if _FIRST_LINE.search(source) else 'syntax = "proto3"; '
        schema.write_text(first + source.lstrip(), "utf-8")
        schemas, problems = read_marked([schema])
        if fatal := [problem for problem in problems if problem.fatal]:
            raise ValueError(str(fatal[0]).replace(f"{folder}/", ""))
        return classify(schemas, load_rules(written=rules))


def verdicts_on_names(message: str, fields: Mapping[str, str], rules: str | None = None) -> dict[str, Verdict]:
    """Judge names alone, without a schema and its compiler.

    Parameters
    ----------
    message
        The name of their message.
    fields
        The scalar type of each field, by its name: ``{"ssn": "string"}``.
    rules
        As for `verdicts_on`.
    """
    made = tuple(
        MarkedField(name, number, _KINDS.get(kind, Kind.NUMBER), kind, line=number, span=Span(0, 0))
        for number, (name, kind) in enumerate(fields.items(), 1)
    )
    schema = MarkedSchema("here.proto", "", b"", (MarkedMessage(message, message, 1, Span(0, 0), made),), ())
    return {verdict.field.name: verdict for verdict in classify([schema], load_rules(written=rules))}
