"""One scan from paths to verdicts, without LangGraph: what the commands run, for a command should start in no time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from companion.schemas.pii.evidence import api_exposure
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.reports.earlier import key_of
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Finding, MarkedSchema, Scan, Verdict
from companion.schemas.protobuf.git_revision import real, snapshot
from companion.schemas.protobuf.model import Problem

NO_SCHEMAS = "no schemas (*.proto) here"
Place = str | os.PathLike[str]


def scan(
    paths: Place | Iterable[Place],
    *,
    rules: Rules | None = None,
    include: Iterable[Place] = (),
    ref: str | None = None,
    changed_since: str | None = None,
    learn: bool = False,
) -> Scan:
    """Judge every field of schemas: HIGH, MEDIUM, LOW or PUBLIC, and why.

        for verdict in scan("protos").verdicts:
            print(verdict.level, verdict.key, verdict.reason)

    What cannot be read is among the scan's `problems`, and keeps nothing else from being judged.

    Parameters
    ----------
    paths
        A file or folder, or several.
    rules
        As `load_rules` gives them; by default those that come with the package.
    include
        Folders that imports are relative to; others are guessed.
    ref
        A commit to read the schemas of; by default they are read from the disk.
    changed_since
        A commit: only fields that are new since then, or judged or marked in another way, are reported.
    learn
        Whether the marks in these schemas teach what to think of other fields.

    Returns
    -------
    Scan
        The verdicts in the order of the files, findings on the interface, and problems.

    Raises
    ------
    GitError
        When a commit cannot be read.
    RecursionError
        When messages hold each other hundreds deep.
    """
    places = as_paths(paths)
    folders = as_paths(include)
    used = rules or load_rules()
    schemas, problems = _read(places, folders, ref)
    verdicts, findings = judge(schemas, used, learn=learn)
    if changed_since is not None:
        before, _ = _read(places, folders, changed_since)
        old_verdicts, old_findings = judge(before, used, learn=learn)
        verdicts = _other_verdicts(verdicts, old_verdicts)
        findings = _other_findings(findings, old_findings)
    return Scan(tuple(schemas), tuple(verdicts), tuple(findings), tuple(problems), used.version)


def as_paths(places: Place | Iterable[Place]) -> tuple[Path, ...]:
    """Give one place or several as paths."""
    return (Path(places),) if isinstance(places, str | os.PathLike) else tuple(map(Path, places))


def judge(
    schemas: Sequence[MarkedSchema], rules: Rules, *, learn: bool = False
) -> tuple[Sequence[Verdict], Sequence[Finding]]:
    """Give the verdicts on all fields, and the findings on the interface."""
    learned = None
    if learn and any(field.mark for schema in schemas for message in schema.messages for field in message.fields):
        from companion.schemas.pii.learning.learned import learn_from  # embeddings, which take a second to load

        learned = learn_from(schemas, rules)
    verdicts: Sequence[Verdict] = classify(schemas, rules, learned)
    return verdicts, api_exposure.findings(schemas, verdicts)


def _read(paths: Sequence[Path], include: Sequence[Path], ref: str | None) -> tuple[list[MarkedSchema], list[Problem]]:
    if ref is None:
        schemas, problems = read_marked(paths, include)
        return schemas, problems + _empty(paths, schemas, problems)
    with snapshot(paths, ref) as taken:
        there = [taken.at(folder) if real(folder).is_relative_to(taken.top) else folder for folder in include]
        read, remarks = read_marked([taken.at(path) for path in paths], there)
        schemas, problems = taken.relabelled(read, remarks, paths)
    return schemas, problems + _empty(paths, schemas, problems)


def _empty(paths: Sequence[Path], schemas: Sequence[MarkedSchema], problems: Sequence[Problem]) -> list[Problem]:
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
