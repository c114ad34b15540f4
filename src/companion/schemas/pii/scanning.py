"""One scan from paths to verdicts, without LangGraph: what the commands run, for a command should start in no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from companion.schemas.pii import interface
from companion.schemas.pii.classify import classify
from companion.schemas.pii.model import Finding, Problem, Scan, Schema, Verdict
from companion.schemas.pii.read import read_schemas
from companion.schemas.pii.reports.earlier import key_of
from companion.schemas.pii.rules import Rules
from companion.schemas.pii.snapshot import real, snapshot

NO_SCHEMAS = "no schemas (*.proto) here"


@dataclass(frozen=True)
class Question:
    """What is to be scanned.

    Parameters
    ----------
    paths : tuple of Path
        Files and folders.
    include : tuple of Path
        Folders that imports are relative to.
    ref : str, optional
        A commit to read the schemas of; by default they are read from the disk.
    changed_since : str, optional
        A commit: only fields that are new since then, or judged or marked in another way, are reported.
    learn : bool
        Whether the marks in these schemas teach what to think of other fields.
    """

    paths: tuple[Path, ...]
    include: tuple[Path, ...] = ()
    ref: str | None = None
    changed_since: str | None = None
    learn: bool = False


def scan(question: Question, rules: Rules) -> Scan:
    """Scan, and compare with an earlier commit if that is asked for.

    Raises
    ------
    SnapshotError
        When a commit cannot be read.
    """
    schemas, problems = _read(question, question.ref)
    verdicts, findings = judge(schemas, rules, learn=question.learn)
    if question.changed_since is not None:
        before, _ = _read(question, question.changed_since)
        old_verdicts, old_findings = judge(before, rules, learn=question.learn)
        verdicts = _other_verdicts(verdicts, old_verdicts)
        findings = _other_findings(findings, old_findings)
    return Scan(tuple(schemas), tuple(verdicts), tuple(findings), tuple(problems), rules.version)


def judge(
    schemas: Sequence[Schema], rules: Rules, *, learn: bool = False
) -> tuple[Sequence[Verdict], Sequence[Finding]]:
    """Give the verdicts on all fields, and the findings on the interface."""
    learned = None
    if learn and any(field.mark for schema in schemas for message in schema.messages for field in message.fields):
        from companion.schemas.pii.learned import learn_from  # embeddings, which take a second to load

        learned = learn_from(schemas, rules)
    verdicts: Sequence[Verdict] = classify(schemas, rules, learned)
    return verdicts, interface.findings(schemas, verdicts)


def _read(question: Question, ref: str | None) -> tuple[list[Schema], list[Problem]]:
    paths = question.paths
    if ref is None:
        schemas, problems = read_schemas(paths, question.include)
        return schemas, problems + _empty(paths, schemas, problems)
    with snapshot(paths, ref) as taken:
        include = [taken.at(folder) if real(folder).is_relative_to(taken.top) else folder
                   for folder in question.include]  # fmt: skip
        read, remarks = read_schemas([taken.at(path) for path in paths], include)
        schemas, problems = taken.relabelled(read, remarks, paths)
    return schemas, problems + _empty(paths, schemas, problems)


def _empty(paths: Sequence[Path], schemas: Sequence[Schema], problems: Sequence[Problem]) -> list[Problem]:
    """When nothing was found to read, that is a problem: nobody scans a folder in order to learn nothing."""
    if schemas or any(problem.fatal for problem in problems):
        return []
    return [Problem(str(path), NO_SCHEMAS) for path in paths]


def _other_verdicts(now: Sequence[Verdict], before: Sequence[Verdict]) -> list[Verdict]:
    known = {key_of(verdict): _said(verdict) for verdict in before}
    return [verdict for verdict in now if known.get(key_of(verdict)) != _said(verdict)]


def _said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.level, verdict.pii_type, verdict.field.mark, verdict.field.ignored


def _other_findings(now: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    known = {replace(finding, line=0) for finding in before}
    return [finding for finding in now if replace(finding, line=0) not in known]
