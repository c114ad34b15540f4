"""The report as a comment on a pull request: what is new, what is wrong, and the rest folded away.

A comment has 65,536 characters at most, and everything in it that comes from a schema was written by whoever opened the
pull request: nothing of it may become a link, a mention, a picture or a row of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline, new_findings, new_since
from companion.schemas.pii.reports.earlier import Entry
from companion.schemas.pii.reports.plain import (
    by_level,
    clipped,
    counted,
    field_name,
    judged,
    judged_nothing,
    public_about_persons,
    worst_first,
)
from companion.schemas.pii.verdict import Level, Scan, Verdict

MARKER = "<!-- companion pii scan -->"
"""The first line: by it a workflow finds its comment of the last run, to replace it."""

LIMIT = 65_536
_CELL = 240  # characters of one cell, before escaping
_ROOM = {"new": 25_000, "findings": 12_000, "details": 16_000, "notes": 5_000}  # bytes; together below the limit
_BREAK = "&#8203;"  # a zero-width space: GitHub looks for mentions and addresses after it has read the Markdown


def as_markdown(scan: Scan, baseline: Baseline | None = None, stale: Sequence[Entry | FindingEntry] = ()) -> str:
    """Give the comment.

    Parameters
    ----------
    scan
        What was found.
    baseline
        What was accepted earlier; without one, every field without a mark is new.
    stale
        Entries of the baseline that accept nothing any more, to be named.
    """
    new = worst_first(new_since(scan, baseline))
    parts = [
        MARKER,
        _headline(scan, new, baseline),
        *_new_table(new),
        *_findings(scan, baseline),
        *_details(scan, baseline),
    ]
    problems = [escape(str(problem)) for problem in scan.problems]
    parts += _folded(counted(len(problems), "problem") + " while reading", [f"* {text}" for text in problems], "notes")
    entries = [f"* {escape(str(entry))}" for entry in stale]
    parts += _folded(f"{counted(len(entries), 'entry', 'entries')} of the baseline can go", entries, "notes")
    return "\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Make a text of somebody else mean itself in one cell of a table."""
    text = clipped(text, _CELL).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]()|~$!^])", r"\\\1", text)
    return re.sub(
        r"(@|#|://|www|GH-)", lambda match: f"{match[1][:2]}{_BREAK}{match[1][2:]}", text, flags=re.IGNORECASE
    )


def code(text: str) -> str:
    """Set a name as code where it is an ordinary one; others are escaped."""
    text = clipped(text, _CELL)
    return f"`{text}`" if re.fullmatch(r"[\w./ ()<>:+-]+", text) else escape(text)


def _headline(scan: Scan, new: list[Verdict], baseline: Baseline | None) -> str:
    nothing = judged_nothing(scan)
    if nothing:
        return f"**companion pii scan {nothing}**"
    said = f"{counted(len(new), 'new field' if baseline else 'field')} of personal data without a mark"
    said += f" ({by_level(new)})" if new else ""
    files = len({verdict.path for verdict in judged(scan)})
    found = len(new_findings(scan, baseline))
    findings = f", {counted(found, 'new finding' if baseline else 'finding')}" if found else ""
    settled = len(scan.findings) - found
    findings += f", {counted(settled, 'accepted finding')}" if settled else ""
    public = counted(len(public_about_persons(judged(scan))), "PUBLIC one")
    about = "" if public.startswith("no ") else f", {public} of them about a person all the same"
    return f"**companion pii scan: {said}{findings}**; {_judged_count(scan)} in {counted(files, 'file')}{about}."


def _judged_count(scan: Scan) -> str:
    return f"judged {counted(len(judged(scan)), 'field')}"


def _new_table(new: list[Verdict]) -> list[str]:
    rows = [
        f"| {verdict.level} | {code(verdict.pii_type or '')} | {code(field_name(verdict))} | {_place(verdict)} "
        f"| {escape(verdict.reason)} | {code(verdict.source)} |"
        for verdict in new
    ]
    head = ["", "| level | type | field | where | why | decided by |", "|---|---|---|---|---|---|"]
    return [*head, *_fitting(rows, _ROOM["new"], "field")] if rows else []


def _findings(scan: Scan, baseline: Baseline | None) -> list[str]:
    found = sorted(new_findings(scan, baseline), key=lambda finding: -finding.level.rank)
    rows = [
        f"| {finding.level} | {code(finding.rule)} | {code(f'{finding.path}:{finding.line}')} "
        f"| {escape(finding.message)} | {escape(finding.fix)} |"
        for finding in found
    ]
    head = ["", "| level | finding | where | what | what to do |", "|---|---|---|---|---|"]
    return [*head, *_fitting(rows, _ROOM["findings"], "finding")] if rows else []


def _details(scan: Scan, baseline: Baseline | None) -> list[str]:
    """List whatever is personal, with what became of it."""
    found = worst_first([verdict for verdict in judged(scan) if verdict.level is not Level.PUBLIC])
    rows = [
        f"| {verdict.level} | {code(verdict.pii_type or '')} | {code(field_name(verdict))} | {_place(verdict)} "
        f"| {_state(verdict, baseline)} |"
        for verdict in found
    ]
    head = ["| level | type | field | where | state |", "|---|---|---|---|---|"]
    title = f"All {counted(len(rows), 'field')} of personal data"
    return _folded(title, [*head, *rows], "details", noun="field") if rows else []


def _state(verdict: Verdict, baseline: Baseline | None) -> str:
    if verdict.field.mark is not None:
        return "marked"
    if verdict.field.ignored is not None:
        return f"ignored: {escape(verdict.field.ignored)}"
    entry = baseline.accepts(verdict) if baseline else None
    return f"accepted: {escape(entry.reason)}" if entry else "no mark"


def _place(verdict: Verdict) -> str:
    return code(f"{verdict.path}:{verdict.field.line}")


def _folded(title: str, lines: list[str], room: str, noun: str = "line") -> list[str]:
    if not lines:
        return []
    body = _fitting(lines, _ROOM[room], noun)
    return ["", f"<details><summary>{title}</summary>", "", *body, "", "</details>"]


def _fitting(lines: Iterable[str], room: int, noun: str) -> list[str]:
    """Take lines while there is room, and count what is left out."""
    kept: list[str] = []
    lines = list(lines)
    for line in lines:
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            left = counted(len(lines) - len(kept), noun)
            return [*kept, "", f"... and {left} more; `companion pii scan --json -` lists all."]
        kept.append(line)
    return kept
