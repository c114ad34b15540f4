"""Scans whose verdicts are the labels of the corpus, so that a test of a report depends on no rule."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from companion.schemas.pii.cli import running
from companion.schemas.pii.evaluation.corpus import LabelledSchema, load_corpus
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Finding, Level, MarkedField, MarkedSchema, Scan, Verdict
from companion.schemas.protobuf.model import Kind, Problem, Span

CORPUS = Path(__file__).parents[3] / "data" / "pii" / "development"


@pytest.fixture(scope="session")
def labelled() -> Callable[..., Scan]:
    """Give what makes a scan of some schemas of the corpus, named as a user in its folder would."""

    def make(*trades: str, findings: Sequence[Finding] = ()) -> Scan:
        schemas, problems = read_marked([CORPUS / f"{trade}.proto" for trade in trades])
        labels = {}
        for trade in trades:
            with (CORPUS / f"{trade}.csv").open(encoding="utf-8", newline="") as file:
                for line, row in enumerate(csv.DictReader(file), start=2):
                    labels[trade, row["message"], row["field"]] = line, row
        short = [replace(schema, path=Path(schema.path).name) if schema.judged else schema for schema in schemas]
        verdicts = []
        for schema in short:
            for message in schema.messages if schema.judged else ():
                for field in message.fields:
                    line, row = labels[Path(schema.path).stem, message.name, field.name]
                    kind, reason = row["type"].split("|")[0] or None, row["why"] or "by its name"
                    source = f"label ({Path(schema.path).stem}.csv:{line})"
                    level = Level(row["level"])
                    verdicts.append(Verdict(schema.path, message.name, field, level, kind, reason, source))
        return Scan(tuple(short), tuple(verdicts), tuple(findings), tuple(problems), "labels")

    return make


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """Give what makes a verdict on a field that no schema need have."""

    def make(
        name: str = "ssn", level: Level = Level.HIGH, kind: str | None = "SSN", *, path: str = "a.proto",
        message: str = "Person", reason: str = "a government id", source: str = "ssn (rules.yaml:41)", line: int = 3,
        **more: object,
    ) -> Verdict:  # fmt: skip
        field = replace(MarkedField(name, 1, Kind.TEXT, "string", line, Span(0, 1)), **more)  # type: ignore[arg-type]
        return Verdict(path, message, field, level, kind, reason, source)

    return make


@pytest.fixture
def scan_of() -> Callable[..., Scan]:
    """Give what makes a scan of nothing but verdicts."""

    def make(*verdicts: Verdict, findings: Sequence[Finding] = ()) -> Scan:
        return Scan((), verdicts, tuple(findings), (), "1")

    return make


WELL_KNOWN = "".join(
    f'import "google/protobuf/{name}.proto"; '
    for name in ("any", "descriptor", "duration", "struct", "timestamp", "wrappers")
)


@pytest.fixture(scope="session")
def rules() -> Rules:
    """Give the rules that come with the package."""
    return load_rules()


@pytest.fixture(scope="session")
def corpus() -> list[LabelledSchema]:
    """Give the development corpus."""
    return load_corpus("development")


@pytest.fixture(autouse=True)
def rules_are_loaded_once(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the same rules to all commands that run in this process and bring none of their own: it takes a while."""
    monkeypatch.setattr(running, "load_rules", lambda extra: load_rules(extra) if extra else rules)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[list[MarkedSchema], list[Problem]]]:
    """Give what writes schemas and reads them: one text, named `a.proto`, or a mapping of names to texts."""

    def make(files: str | bytes | Mapping[str, str | bytes]) -> tuple[list[MarkedSchema], list[Problem]]:
        for name, content in ({"a.proto": files} if isinstance(files, str | bytes) else files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return read_marked([tmp_path])

    return make


@pytest.fixture
def judge(
    read: Callable[..., tuple[list[MarkedSchema], list[Problem]]], rules: Rules
) -> Callable[..., dict[str, Verdict]]:
    """Give what judges the fields of messages, of one file of proto3 or with a head of its own, by `Message.field`."""

    def make(files: str | Mapping[str, str], *, by: Rules = rules) -> dict[str, Verdict]:
        if isinstance(files, str) and not files.startswith(("syntax", "edition")):
            files = f'syntax = "proto3"; package test.v1; {WELL_KNOWN}\n{files}'
        schemas, problems = read(files)
        assert problems == []
        return {f"{verdict.message}.{verdict.field.name}": verdict for verdict in classify(schemas, by)}

    return make
