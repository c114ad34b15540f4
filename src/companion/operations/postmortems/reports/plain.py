"""The report for people at a terminal: the handful of findings that matters, and what the rest adds up to."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from companion.cli_output.text import clean, clipped, counted
from companion.operations.postmortems.document import Section
from companion.operations.postmortems.reports.as_json import Unread
from companion.operations.postmortems.rules.lint import Finding, Report
from companion.operations.postmortems.rules.outcome import Rule, Severity, Verdict

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def as_plain(
    reports: Sequence[Report], unread: Unread = (), *, everything: bool = False, explain: bool = False,
    width: int = 100, colour: bool = False,
) -> str:  # fmt: skip
    """Give what was found, document by document.

    Parameters
    ----------
    reports, unread
        What was read, and what could not be.
    everything
        Whether to list all findings, and not the handful that matters most.
    explain
        Whether to say what each section was taken for and by which words, and which rules cannot tell and why.
    width
        Columns of the terminal.
    colour
        Whether to colour; nothing is told by colour alone.
    """
    parts: list[RenderableType] = []
    for each in reports:
        parts += [*_document(each, everything=everything), *(_explained(each) if explain else []), Text()]
    if len(reports) > 1 or unread:
        parts.append(Text(_sum(reports, unread)))
    return _printed(parts, width, colour).rstrip("\n") + "\n"


def _printed(parts: Iterable[RenderableType], width: int, colour: bool) -> str:
    console = Console(
        file=io.StringIO(), width=max(width, 40), force_terminal=colour, color_system="standard" if colour else None,
        legacy_windows=False, highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def _document(each: Report, *, everything: bool) -> Iterable[RenderableType]:
    head = Text(clean(each.document.path), "bold")
    head.append(f"  {clean(each.document.title)}" if each.document.title else "", "not bold")
    yield head
    shown = each.findings if everything else each.handful
    if shown:
        yield _table(shown)
    left = len(each.findings) - len(shown)
    if left:
        yield Text(f"  {left:,} more: --all", "bold")
    yield Text(f"  {_counts(each)}")
    if everything:
        for finding in each.silenced:
            by = f"{clean(finding.by)}: " if finding.by else ""
            where = f"line {finding.line}: " if finding.line else ""
            yield Text(f"  silenced: {where}{finding.rule} ({by}{clean(finding.reason)})")
    if each.foreign:
        yield Text(f"  {_foreign(each)}")


def _table(findings: Iterable[Finding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        said = Text(finding.rule, "bold")
        said.append(f": {clean(finding.message)}", "not bold")
        said.append(f"\n{clean(finding.fix)}", "dim not bold")
        where = f"  line {finding.line}" if finding.line else ""
        table.add_row(where, Text(finding.severity.value, STYLES[finding.severity]), said)
    return table


def _counts(each: Report) -> str:
    said = [f"{each.number_of(verdict):,} {verdict.value}" for verdict in Verdict]
    said += [f"{len(each.silenced):,} silenced"] if each.silenced else []
    return f"{counted(len(each.outcomes), 'rule')}: {', '.join(said)}"


def _foreign(each: Report) -> str:
    language = each.document.language
    named = "whose language is not known" if language == "?" else f"of the language `{clean(language)}`"
    return (
        f"{counted(each.foreign, 'rule')} of these read English and cannot tell in a document {named}; "
        "the rules of structure were asked"
    )


def _explained(each: Report) -> Iterable[RenderableType]:
    document = each.document
    yield Text("  taken for", "bold")
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for section in document.sections:
        table.add_row(f"  line {section.line}", section.role.value, clipped(_by(section), 160))
    yield table
    found = {"entry of the timeline": document.timeline, "why": document.whys, "lesson": document.lessons,
             "action": document.actions}  # fmt: skip
    plurals = {"entry of the timeline": "entries of the timeline"}
    numbers = (counted(len(things), noun, plurals.get(noun)) for noun, things in found.items())
    yield Text(f"  found in them: {', '.join(numbers)}")
    silent = [(rule, outcome) for rule, outcome in each.outcomes.items() if outcome.verdict is Verdict.CANNOT_TELL]
    if silent:
        yield Text("  cannot tell", "bold")
    for rule, outcome in silent:
        yield Text(f"    {rule}: {clean(outcome.why)}")


def _by(section: Section) -> str:
    if not section.heading:
        return "what stands before the first heading"
    said = f'"{section.heading}"'
    if not section.matched:
        return said if section.role == "other" else f"{said}, as the section that it is in"
    return said if section.matched.lower() == section.heading.lower() else f'{said}, by "{section.matched}"'


def _sum(reports: Sequence[Report], unread: Unread) -> str:
    errors = sum(each.fails(Severity.ERROR) for each in reports)
    some = sum(bool(each.findings) for each in reports) - errors
    said = [
        f"{errors:,} with errors",
        f"{some:,} with warnings alone",
        f"{len(reports) - errors - some:,} without findings",
    ]
    said += [f"{len(unread):,} could not be read"] if unread else []
    return f"{counted(len(reports), 'document')}: {', '.join(said)}"


# ------------------------------------------------------------------------------------------------ the rules themselves


def list_of_rules(rules: Iterable[Rule], *, width: int = 100, colour: bool = False) -> str:
    """Give every rule in a line or two: its id and what it says."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for rule in rules:
        table.add_row(Text(rule.id, "bold"), Text(rule.severity.value, STYLES[rule.severity]), Text(clean(rule.says)))
    last = Text("\n`companion postmortem rules RULE` says why, with a bad and a good example")
    return _printed([table, last], width, colour)


def one_rule(rule: Rule, *, width: int = 100, colour: bool = False) -> str:
    """Give a rule with its reason, how to mend what it finds, and a bad and a good example."""
    head = Text(rule.id, "bold")
    head.append(f"  {rule.severity.value}", STYLES[rule.severity])
    head.append("  in the final version only" if rule.final else "", "not bold")
    parts: list[RenderableType] = [head, Text(clean(rule.says)), Text(), Text(clean(rule.reason)), Text()]
    for name, text in (("bad", rule.bad), ("good", rule.good)):
        parts += [Text(name, "bold"), *(Text(f"    {_line(line)}") for line in text.strip().splitlines()), Text()]
    parts.append(Text(f"To mend it: {clean(rule.fix)}"))
    return _printed(parts, width, colour)


def _line(line: str) -> str:
    """An example's indentation stays."""
    body = line.lstrip()
    return line[: len(line) - len(body)] + clean(body)
