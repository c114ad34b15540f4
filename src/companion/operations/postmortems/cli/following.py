"""What `companion postmortem timeline`, `patterns` and `actions` do, from options to what is printed."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import show, width, write_reports
from companion.cli_output.text import clean, clipped, counted
from companion.operations.postmortems.cli.running import read_all
from companion.operations.postmortems.document import TITLE_SHOWN, Document, PostmortemError
from companion.operations.postmortems.reading.read import read

if TYPE_CHECKING:
    from companion.operations.postmortems.folder.actions import Task
    from companion.operations.postmortems.folder.patterns import Patterns

LISTED = 10
"""How many things of a kind are listed; --json has all."""

LONGEST = 140
"""Characters of an action that the table shows."""

COLUMNS = 110
"""As wide as a table of actions gets through a pipe, at least: what is cut in it, no program can search."""


def day(command: str, said: str, option: str = "--today") -> dt.date:
    """Read a date as an option gives it; the calendar's day if it is empty."""
    if not said:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        refuse(command, f"{option} {said}: a date such as 2026-11-03 was expected")


def read_one(command: str, file: Path) -> Document:
    """Read a post mortem, or say in one line why that cannot be."""
    try:
        return read(file)
    except PostmortemError as error:
        refuse(command, str(error))
    except OSError as error:
        refuse(command, f"{file}: cannot be read: {(error.strerror or str(error)).lower()}")


def _as_json(value: object) -> str:
    ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    return json.dumps(value, ensure_ascii=ascii_only, indent=1, default=str) + "\n"


# timeline


def timeline(file: Path, targets: Mapping[str, str]) -> None:
    """Draw, or say, how long each phase took."""
    from companion.operations.postmortems.drawing.timeline import draw_timeline
    from companion.operations.postmortems.drawing.whys import draw_whys

    command = "postmortem timeline"
    document = read_one(command, file)
    try:  # before anything is written
        made = {name: draw(document) for name, draw in (("out", draw_timeline), ("whys", draw_whys)) if targets[name]}
    except PostmortemError as error:
        refuse(command, str(error))
    make = {name: made[name].__str__ for name in made} | {"json": lambda: _as_json(timeline_json(document))}
    if not write_reports(command, targets, make):
        show(_phases(document))


def timeline_json(document: Document) -> dict[str, Any]:
    """Give the incident as `timeline.schema.json` describes it."""
    from companion.operations.postmortems.phases import phases

    found = phases(document)
    return {
        "file": document.path,
        "title": document.title,
        "phases": asdict(found),
        "minutes": {name: getattr(found, name) for name in ("to_detect", "to_diagnose", "to_restore", "felt")},
        "timeline": [asdict(entry) | {"phases": sorted(entry.phases)} for entry in document.timeline],
        "whys": [asdict(why) for why in document.whys],
    }


def _phases(document: Document) -> str:
    from companion.operations.postmortems.drawing.axis import clock
    from companion.operations.postmortems.phases import lasting, phases

    found = phases(document)
    lines = [clipped(document.title or document.path, TITLE_SHOWN)]
    if not document.timeline:
        return f"{lines[0]}\n  no timeline was recognised\n"
    for field in fields(found):
        moment = getattr(found, field.name)
        lines.append(f"  {field.name:<10} {'not said' if moment is None else clock(moment)}")
    for name, minutes in (
        ("to detect", found.to_detect), ("to diagnose", found.to_diagnose), ("to restore", found.to_restore),
        ("customers were affected", found.felt),
    ):  # fmt: skip
        if minutes is not None:
            lines.append(f"  {lasting(minutes):>10} {name}")
    return "\n".join(lines) + "\n"


# patterns


def patterns(paths: Sequence[Path], today: str, targets: Mapping[str, str]) -> None:
    """Tell what recurs, what is overdue, and which lessons have no action."""
    from companion.operations.postmortems.folder.patterns import patterns as find

    command = "postmortem patterns"
    on = day(command, today)
    documents, unread = read_all(command, paths)
    found = find(documents, on)
    make = {"json": lambda: _as_json(patterns_json(found, on, unread))}
    if not write_reports(command, targets, make) and documents:
        show(_patterns(found, on))
    if unread:
        raise typer.Exit(2)


def patterns_json(found: Patterns, today: dt.date, unread: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Give what was found as `patterns.schema.json` describes it."""
    return {
        "today": today.isoformat(),
        "documents": found.documents,
        "patterns": [asdict(pattern) | {"recurs": pattern.recurs} for pattern in found.patterns],
        "overdue": [_task(task) for task in found.overdue],
        "undated": found.undated,
        "lessons_without_actions": [asdict(lesson) for lesson in found.unlinked],
        "unread": [{"file": file, "why": why} for file, why in unread],
    }


def _patterns(found: Patterns, today: dt.date) -> str:
    lines = [f"{counted(found.documents, 'post mortem')}, on {today}"]
    recurring = [pattern for pattern in found.patterns if pattern.recurs]
    for pattern in recurring:
        lines += ["", f"{pattern.name}: in {len(pattern.files)} of {found.documents}", f"  {pattern.says}"]
        ordered = sorted(pattern.sentences, key=lambda one: _rank(one.file, one.line, pattern.sentences))
        lines += _few([_placed(one.file, one.line, one.text) for one in ordered])
    once = [pattern.name for pattern in found.patterns if not pattern.recurs]
    if not recurring:
        lines += ["", "Nothing recurs that these words tell of."]
    if once:
        lines += ["", f"In one of them only: {', '.join(once)}"]
    if found.overdue:
        lines += ["", f"{counted(len(found.overdue), 'action')} overdue"]
        lines += _few(
            [
                _placed(task.file, task.line, f"{task.due} {task.owner or 'nobody'}: {task.text}")
                for task in found.overdue
            ]
        )
    if found.undated:
        lines += ["", f"{counted(found.undated, 'open action')} without a date, which can never be overdue"]
    if found.unlinked:
        lines += ["", f"{counted(len(found.unlinked), 'lesson')} that no action refers to"]
        whole = Counter(one.file for one in found.unlinked if one.all_of_them)
        listed = [f"{clean(file)}: none of its {counted(number, 'lesson')}" for file, number in whole.items()]
        listed += [_placed(one.file, one.line, one.text) for one in found.unlinked if not one.all_of_them]
        lines += _few(listed)
    return "\n".join(lines) + "\n"


def _placed(file: str, line: int, text: str) -> str:
    """Give a place, by which an editor opens it, and below it the words."""
    return f"{clean(file)}:{line}\n      {clipped(text, max(width(), 60) - 6)}"


def _rank(file: str, line: int, sentences: Sequence[Any]) -> tuple[int, str, int]:
    """Put the first sentence of each document before the second of any."""
    before = sum(one.file == file and one.line < line for one in sentences)
    return before, file, line


def _few(lines: Sequence[str]) -> list[str]:
    more = [f"    ... and {len(lines) - LISTED:,} more; --json - lists all"] if len(lines) > LISTED else []
    return [f"    {line}" for line in lines[:LISTED]] + more


# actions


def actions(paths: Sequence[Path], today: str, targets: Mapping[str, str], *, overdue: bool) -> None:
    """List actions, and write them in the forms that are wanted."""
    from companion.operations.postmortems.folder.actions import actions_csv, actions_ics, tasks

    command = "postmortem actions"
    on = day(command, today)
    documents, unread = read_all(command, paths)
    found = [task for task in tasks(documents, on) if task.overdue or not overdue]
    base = str(paths[0]) if len(paths) == 1 and paths[0].is_dir() else ""

    def ics() -> str:
        return actions_ics(found, on, base).decode("utf-8")

    make = {"csv": lambda: actions_csv(found), "ics": ics, "json": lambda: _as_json(actions_json(found, on, unread))}
    if not write_reports(command, targets, make) and documents:
        show(_table(found, on, base))
    if unread:
        raise typer.Exit(2)
    if overdue and found:
        raise typer.Exit(1)


def actions_json(found: Sequence[Task], today: dt.date, unread: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Give the actions as `actions.schema.json` describes them."""
    return {
        "today": today.isoformat(),
        "actions": [_task(task) for task in found],
        "unread": [{"file": file, "why": why} for file, why in unread],
    }


def _task(task: Task) -> dict[str, Any]:
    return asdict(task) | {"due": task.due.isoformat() if task.due else None}


def _table(found: Sequence[Task], today: dt.date, base: str) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("due", "state", "priority", "owner", "action"):
        table.add_column(name, overflow="fold")
    table.add_column("where", no_wrap=True, overflow="ignore")  # so that it can be searched for, and opened
    for task in sorted(found, key=lambda task: (task.due is None, task.due or today, task.file, task.line)):
        due = task.due.isoformat() if task.due else clipped(task.due_text, 12) or "-"
        state = "overdue" if task.overdue else task.state.value
        where = f"{Path(task.file).relative_to(base) if base else task.file}:{task.line}"
        cells = (due, state, task.priority or "-", task.owner or "nobody", clipped(task.text, LONGEST), where)
        table.add_row(*(Text(clean(cell)) for cell in cells), style="bold" if task.overdue else "")
    with StringIO() as text:
        console = Console(file=text, width=width() if sys.stdout.isatty() else max(width(), COLUMNS), no_color=True,
                          force_terminal=sys.stdout.isatty(), highlight=False)  # fmt: skip
        if found:
            console.print(table)
        late = sum(task.overdue for task in found)
        console.print(f"{counted(len(found), 'action')}, {late or 'none'} overdue on {today}")
        return text.getvalue()
