"""One scan from paths to verdicts, without LangGraph: what the commands run, for a command should start in no time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from companion.schemas.pii.evidence import api_exposure
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.reports.earlier import key_of
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Finding, MarkedSchema, Scan, Verdict
from companion.schemas.protobuf.excluding import Excluded, excluded
from companion.schemas.protobuf.git_revision import Snapshot, real, snapshot
from companion.schemas.protobuf.model import Problem, Tell, quiet
from companion.schemas.protobuf.sources import LEFT_OUT, missing_submodule

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
    exclude: Iterable[str] = (),
    tell: Tell = quiet,
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
        A commit: only fields that are new since then, or judged or marked in another way, are reported. Of a branch
        that went on meanwhile it is the commit at which ours left it. A field that moved with its message into another
        file is not new.
    learn
        Whether the marks in these schemas teach what to think of other fields.
    exclude
        Patterns of what is left out, as lines of a .gitignore; what the repository ignores is left out anyway.
    tell
        Told how far we are, in a few words and whenever they change; thousands of files take a while.

    Returns
    -------
    Scan
        The verdicts in the order of the files, findings on the interface, and problems.

    Raises
    ------
    GitError
        When a commit cannot be read.
    PatternError
        When a pattern excludes nothing.
    RecursionError
        When messages hold each other hundreds deep.
    """
    places = as_paths(paths)
    folders = as_paths(include)
    used = rules or load_rules()
    left_out = excluded(exclude)
    schemas, problems = _read(places, folders, left_out, ref, tell)
    tell(f"judging {len(schemas):,} schemas")
    verdicts, findings = judge(schemas, used, learn=learn)
    if changed_since is not None:
        before, remarks = _read_before(places, folders, left_out, changed_since, ref, tell)
        problems += remarks
        old_verdicts, old_findings = judge(before, used, learn=learn)
        packages = {schema.path: schema.package for schema in (*schemas, *before)}
        verdicts = _other_verdicts(verdicts, old_verdicts, packages)
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


def _read(
    paths: Sequence[Path], include: Sequence[Path], exclude: Excluded, ref: str | None, tell: Tell
) -> tuple[list[MarkedSchema], list[Problem]]:
    if ref is None:
        schemas, problems = read_marked(paths, include, exclude, tell)
        return schemas, problems + _empty(paths, schemas, problems)
    with snapshot(paths, ref) as taken:
        schemas, problems = _read_snapshot(taken, paths, include, exclude, tell)
    return schemas, [*taken.problems, *problems, *_empty(paths, schemas, problems)]


def _read_before(
    paths: Sequence[Path], include: Sequence[Path], exclude: Excluded, since: str, ref: str | None, tell: Tell
) -> tuple[list[MarkedSchema], list[Problem]]:
    """The schemas at the commit to compare with, where files that are called otherwise now had their old names.

    What could not be read then is no news now; only what keeps the comparison from being whole is told.
    """
    with snapshot(paths, since, left_by=ref or "HEAD") as taken:
        schemas, _ = _read_snapshot(taken, [*paths, *taken.old_names(paths, ref)], include, exclude, tell)
    return schemas, list(taken.problems)


def _read_snapshot(
    taken: Snapshot, paths: Sequence[Path], include: Sequence[Path], exclude: Excluded, tell: Tell
) -> tuple[list[MarkedSchema], list[Problem]]:
    there = [taken.at(folder) if real(folder).is_relative_to(taken.top) else folder for folder in include]
    if real(exclude.base).is_relative_to(taken.top):
        exclude = replace(exclude, base=taken.at(exclude.base))
    read, remarks = read_marked([taken.at(path) for path in paths], there, exclude, tell)
    return taken.relabelled(read, remarks, paths)


def _empty(paths: Sequence[Path], schemas: Sequence[MarkedSchema], problems: Sequence[Problem]) -> list[Problem]:
    """When nothing was found to read, that is a problem: nobody scans a folder in order to learn nothing."""
    if schemas or any(problem.fatal or problem.message == LEFT_OUT for problem in problems):
        return []
    return [Problem(str(path), f"{NO_SCHEMAS}{missing_submodule(path)}") for path in paths]


def _other_verdicts(now: Sequence[Verdict], before: Sequence[Verdict], packages: dict[str, str]) -> list[Verdict]:
    def named(verdict: Verdict) -> tuple[object, ...]:
        return packages.get(verdict.path), verdict.message, verdict.field.name, _said(verdict)

    known = {key_of(verdict): _said(verdict) for verdict in before}
    still = {key_of(verdict) for verdict in now}
    moved = Counter(named(verdict) for verdict in before if key_of(verdict) not in still)
    found = []
    for verdict in now:
        if key_of(verdict) in known:
            same = known[key_of(verdict)] == _said(verdict)
        else:
            same = moved[named(verdict)] > 0  # gone there and come here: once for each that went
            moved[named(verdict)] -= 1
        if not same:
            found.append(verdict)
    return found


def _said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.level, verdict.pii_type, verdict.field.mark, verdict.field.ignored


def _other_findings(now: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    known = {replace(finding, line=0) for finding in before}
    still = {replace(finding, line=0) for finding in now}
    moved = Counter(replace(finding, path="", line=0) for finding in before if replace(finding, line=0) not in still)
    found = []
    for finding in now:
        elsewhere = replace(finding, path="", line=0)
        if replace(finding, line=0) in known:
            continue
        if moved[elsewhere] <= 0:
            found.append(finding)
        moved[elsewhere] -= 1
    return found
