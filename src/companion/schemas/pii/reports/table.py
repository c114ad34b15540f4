"""The report for people at a terminal: a table, and what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.reports import columns
from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline, new_findings, new_since
from companion.schemas.pii.reports.earlier import Entry
from companion.schemas.pii.reports.plain import (
    by_level,
    clean,
    counted,
    field_name,
    judged,
    judged_nothing,
    public_about_persons,
    worst_first,
)
from companion.schemas.pii.verdict import Finding, Level, Scan, Verdict


def as_table(
    scan: Scan, baseline: Baseline | None = None, stale: Sequence[Entry | FindingEntry] = (), *,
    everything: bool = False, accepted: bool = False, width: int = 80, colour: bool = False,
) -> str:  # fmt: skip
    """Give the fields that are not PUBLIC, the findings, and the counts; with a baseline, list only what is new.

    Parameters
    ----------
    scan
        What was found.
    baseline
        What was accepted earlier; that is counted.
    stale
        Entries of the baseline that accept nothing any more, to be named.
    everything
        Whether to list all fields, PUBLIC and accepted ones too.
    accepted
        Whether to list, with a baseline, those personal fields and findings too that need no look; each says why.
    width
        Columns of the terminal.
    colour
        Whether to colour; nothing is told by colour alone.
    """
    nothing = judged_nothing(scan)
    if nothing:
        return f"{nothing}\n"
    verdicts = judged(scan)
    settled = baseline is None or accepted or everything
    personal = [verdict for verdict in verdicts if verdict.level is not Level.PUBLIC]
    listed = verdicts if everything else personal if settled else worst_first(new_since(scan, baseline))
    findings = scan.findings if settled else new_findings(scan, baseline)
    parts = []
    if listed:
        rows = [_field(verdict, baseline) for verdict in listed]
        parts.append(columns.table(("level", "type", "where", "why"), rows, width=width, colour=colour))
    if findings:
        rows = [_finding(finding, baseline) for finding in findings]
        parts.append(columns.table(("level", "finding", "what to do"), rows, width=width, colour=colour))
    lines = [_counts(scan, verdicts, baseline)]
    if not settled:
        lines += _not_listed(personal, len(scan.findings) - len(findings), len(listed))
    lines += [f"the baseline's entry accepts nothing any more: {clean(str(entry))}" for entry in stale]
    parts.append("".join(f"{part}\n" for line in lines for part in columns.folded(line, width)))
    return "\n".join(parts)


def _field(verdict: Verdict, baseline: Baseline | None) -> columns.Cells:
    where = f"{clean(field_name(verdict))}\n{clean(verdict.path)}:{verdict.field.line}"
    why = [clean(verdict.reason), clean(verdict.source), _state(verdict, baseline)]
    return verdict.level, clean(verdict.pii_type or ""), where, "\n".join(line for line in why if line)


def _finding(finding: Finding, baseline: Baseline | None) -> columns.Cells:
    what = f"{clean(finding.message)}\n{clean(finding.path)}:{finding.line}\n{clean(finding.rule)}"
    entry = baseline.accepts_finding(finding) if baseline else None
    return finding.level, what, f"accepted: {clean(entry.reason)}" if entry else clean(finding.fix)


def _not_listed(personal: list[Verdict], findings: int, new: int) -> list[str]:
    """Count what needs no look."""
    marked = sum(verdict.field.mark is not None for verdict in personal)
    ignored = sum(verdict.field.mark is None and verdict.field.ignored is not None for verdict in personal)
    numbers = {"accepted": len(personal) - new - marked - ignored, "marked": marked, "ignored": ignored}
    said = [counted(number, f"{state} field") for state, number in numbers.items() if number]
    said += [counted(findings, "accepted finding")] if findings else []
    return [f"not listed: {', '.join(said)}; --accepted lists them"] if said else []


def _state(verdict: Verdict, baseline: Baseline | None) -> str:
    """Say why a personal field needs no look, if it needs none; of a PUBLIC one, whom it is about."""
    if verdict.level is Level.PUBLIC:
        return "" if verdict.about is None else f"PUBLIC, and about a person: {clean(verdict.about)}"
    if verdict.field.mark is not None:
        return "marked"
    if verdict.field.ignored is not None:
        return f"ignored: {clean(verdict.field.ignored)}"
    entry = baseline.accepts(verdict) if baseline else None
    return f"accepted: {clean(entry.reason)}" if entry else ""


def _counts(scan: Scan, verdicts: list[Verdict], baseline: Baseline | None) -> str:
    fields, files = counted(len(verdicts), "field"), counted(len({verdict.path for verdict in verdicts}), "file")
    new = new_since(scan, baseline)
    marked = sum(verdict.field.mark is not None for verdict in verdicts)
    said = f"judged {fields} in {files} by rules {clean(scan.rules_version)}: {by_level(verdicts)}"
    public = len(public_about_persons(verdicts))
    said += f" ({public:,} of them about a person); " if public else "; "
    said += f"{counted(marked, 'field')} marked, {len(new):,} personal without a mark"
    said += f" ({by_level(new)})" if new else ""
    return f"{said}, new since {clean(baseline.path)}" if baseline else said
