"""The report for people at a terminal: the handful of findings that matters, and what the rest adds up to."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells
from rich.text import Text

from companion.cli_output.text import clean, clipped, counted
from companion.operations.postmortems.document import TITLE_SHOWN, Section
from companion.operations.postmortems.reports.as_json import Unread
from companion.operations.postmortems.rules.lint import Finding, Report
from companion.operations.postmortems.rules.outcome import Rule, Severity, Verdict
from companion.operations.postmortems.rules.settings import Profile

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
    parts: list[Text] = []
    for each in reports:
        parts += [*_document(each, everything, width), *(_explained(each, width) if explain else []), Text()]
    if len(reports) > 1 or unread:
        parts += _folded(_sum(reports, unread), width)
    return _printed(parts, colour).rstrip("\n") + "\n"


def _document(each: Report, everything: bool, width: int) -> Iterable[Text]:
    path = clean(each.document.path)
    head, *more = _folded(f"{path}  {clipped(each.document.title, TITLE_SHOWN)}".rstrip(), width)
    head.stylize("bold", 0, len(path))
    yield from (head, *more)
    shown = each.findings if everything else each.handful
    yield from _laid([_row(finding) for finding in shown], width)
    left = len(each.findings) - len(shown)
    if left:
        yield Text(f"  {left:,} more: --all", "bold")
    yield from _folded(_counts(each), width, "  ")
    for finding in each.silenced if everything else ():
        by = f"{clean(finding.by)}: " if finding.by else ""
        where = f"line {finding.line}: " if finding.line else ""
        yield from _folded(f"silenced: {where}{finding.rule} ({by}{clean(finding.reason)})", width, "  ")
    if each.foreign:
        yield from _folded(_foreign(each), width, "  ")


def _row(finding: Finding) -> Row:
    where = f"  line {finding.line}" if finding.line else ""
    body = (finding.rule, f"{finding.rule}: {clean(finding.message)}"), ("", clean(finding.fix))
    return where, (finding.severity.value, STYLES[finding.severity]), body


def _counts(each: Report) -> str:
    said = [f"{each.number_of(verdict):,} {verdict.value}" for verdict in Verdict]
    said += [f"{len(each.silenced):,} silenced"] if each.silenced else []
    draft = " for a draft" if each.profile is Profile.DRAFT else ""
    return f"{counted(len(each.outcomes), 'rule')}{draft}: {', '.join(said)}"


def _foreign(each: Report) -> str:
    language = each.document.language
    named = "whose language is not known" if language == "?" else f"of the language `{clean(language)}`"
    return (
        f"{counted(each.foreign, 'rule')} of these read English and cannot tell in a document {named}; "
        "the rules of structure were asked"
    )


def _explained(each: Report, width: int) -> Iterable[Text]:
    document = each.document
    yield Text("  taken for", "bold")
    taken = [(f"  line {section.line}", (section.role.value, ""), (("", clipped(_by(section), 160)),))
             for section in document.sections]  # fmt: skip
    yield from _laid(taken, width)
    found = {"entry of the timeline": document.timeline, "why": document.whys, "lesson": document.lessons,
             "action": document.actions}  # fmt: skip
    plurals = {"entry of the timeline": "entries of the timeline"}
    numbers = (counted(len(things), noun, plurals.get(noun)) for noun, things in found.items())
    yield from _folded(f"found in them: {', '.join(numbers)}", width, "  ")
    silent = [(rule, outcome) for rule, outcome in each.outcomes.items() if outcome.verdict is Verdict.CANNOT_TELL]
    if silent:
        yield Text("  cannot tell", "bold")
    for rule, outcome in silent:
        yield from _folded(f"{rule}: {clean(outcome.why)}", width, "    ")


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
    rows = [(rule.id, (rule.severity.value, STYLES[rule.severity]), (("", clean(rule.says)),)) for rule in rules]
    last = "`companion postmortem rules RULE` says why, with a bad and a good example"
    return _printed([*_laid(rows, width, left=True), Text(), *_folded(last, width)], colour)


def one_rule(rule: Rule, *, width: int = 100, colour: bool = False) -> str:
    """Give a rule with its reason, how to mend what it finds, and a bad and a good example."""
    head = Text(rule.id, "bold")
    head.append(f"  {rule.severity.value}", STYLES[rule.severity])
    head.append("  in the final version only" if rule.final else "", "not bold")
    parts = [head, *_folded(clean(rule.says), width), Text(), *_folded(clean(rule.reason), width), Text()]
    for name, text in (("bad", rule.bad), ("good", rule.good)):
        parts += [Text(name, "bold"), *(Text(f"    {_line(line)}") for line in text.strip().splitlines()), Text()]
    parts += _folded(f"To mend it: {clean(rule.fix)}", width)
    return _printed(parts, colour)


def _line(line: str) -> str:
    """An example's indentation stays."""
    body = line.lstrip()
    return line[: len(line) - len(body)] + clean(body)


# ----------------------------------------------------------------------------------------------------------- the layout

Row = tuple[str, tuple[str, str], tuple[tuple[str, str], ...]]
"""Where; a word and its style; and paragraphs, each with its bold beginning."""


def _laid(rows: Sequence[Row], width: int, *, left: bool = False) -> Iterable[Text]:
    """Lay rows out in three columns, of which the last is folded: a table of Rich takes ten times as long."""
    first = max((len(where) for where, _, _ in rows), default=0)
    second = max((len(word) for _, (word, _), _ in rows), default=0)
    for where, (word, style), paragraphs in rows:
        lead = Text(where.ljust(first) if left else where.rjust(first)).append("  ").append(word.ljust(second), style)
        for bold, paragraph in paragraphs:
            for number, line in enumerate(_fold(paragraph, width - first - second - 4)):
                whole = lead.append("  ")
                whole.append(line[: len(bold)] if not number else "", "bold")
                whole.append(line[len(bold) :] if not number else line, "" if bold else "dim")
                yield whole
                lead = Text(" " * (first + 2 + second))


def _folded(text: str, width: int, indent: str = "") -> list[Text]:
    return [Text(indent + line) for line in _fold(text, width - len(indent))]


def _fold(text: str, width: int) -> list[str]:
    """Fold a line at its spaces, and a word that is longer than a line anywhere."""
    width = max(width, 20)
    lines, used = [""], 0
    for word in text.split(" "):
        for number, piece in enumerate(chop_cells(word, width) if cell_len(word) > width else [word]):
            size = cell_len(piece)
            if number or used + bool(used) + size > width:
                lines.append(piece)
                used = size
            else:
                lines[-1] += f" {piece}" if used else piece
                used += size + bool(used)
    return lines


def _printed(parts: Iterable[Text], colour: bool) -> str:
    if not colour:
        return "".join(f"{part.plain.rstrip()}\n" for part in parts)
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", legacy_windows=False)
    console.print(Text("\n").join(parts), soft_wrap=True, highlight=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
