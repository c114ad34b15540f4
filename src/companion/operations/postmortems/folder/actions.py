"""Every action of a folder: who, what, until when, and how far; as rows, CSV, and tasks of a calendar."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from companion.figures.data import as_csv
from companion.operations.postmortems.document import Document, State
from companion.operations.postmortems.folder.confidential import is_restricted

if TYPE_CHECKING:
    from icalendar import Todo

RESTRICTED = "restricted: see the document"
"""What stands in the place of an action that must not leave its file."""

COLUMNS = ("file", "line", "number", "action", "owner", "due", "state", "priority", "overdue", "lessons", "post mortem")


@dataclass(frozen=True)
class Task:
    """An action, and where it stands.

    Attributes
    ----------
    file, line
        Where.
    title : str
        Of its post mortem.
    number, text, owner, due, due_text, priority, state, lessons
        As in `companion.operations.postmortems.document.Action`.
    overdue : bool
        Whether it is open on a day after its date.
    link : str
        The first address that it gives.
    """

    file: str
    line: int
    title: str
    number: str
    text: str
    owner: str
    due: dt.date | None
    due_text: str
    priority: str
    state: State
    lessons: tuple[str, ...]
    overdue: bool
    link: str = ""


def tasks(documents: Iterable[Document], today: dt.date) -> list[Task]:
    """List the actions of documents, in their order; of those that are restricted, only that they are."""
    return [
        Task(
            file=document.path, line=action.line, title=document.title, number=action.number,
            text=RESTRICTED if is_restricted(document, action.line) else " ".join(action.text.split()),
            owner=action.owner, due=action.due, due_text=action.due_text, priority=action.priority,
            state=action.state, lessons=action.lessons,
            overdue=action.state is State.OPEN and action.due is not None and action.due < today,
            link="" if is_restricted(document, action.line) else _address(action.links),
        )
        for document in documents
        for action in document.actions
    ]  # fmt: skip


def _address(links: Sequence[tuple[str, str]]) -> str:
    return next((target for _, target in links if re.fullmatch(r"https?://[!-~]+", target)), "")


def actions_csv(found: Iterable[Task]) -> str:
    """Write tasks as CSV, which a spreadsheet shows and does not run.

    A cell that would be taken for a formula begins with an apostrophe, as OWASP advises.
    """
    rows = [
        (
            task.file, task.line, task.number, task.text, task.owner, str(task.due or task.due_text), task.state.value,
            task.priority, "yes" if task.overdue else "no", " ".join(task.lessons), task.title,
        )
        for task in found
    ]  # fmt: skip
    return as_csv(COLUMNS, [[_harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])


def _harmless(cell: str) -> str:
    cell = "".join(character if character.isprintable() else " " for character in cell)
    return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) else cell


# ------------------------------------------------------------------------------------------------------- a calendar


_STATUS = {State.OPEN: "NEEDS-ACTION", State.DONE: "COMPLETED", State.DROPPED: "CANCELLED"}


def actions_ics(found: Iterable[Task], today: dt.date, folder: str = "") -> bytes:
    """Write tasks as VTODOs (RFC 5545), which calendars and lists of tasks take in.

    The same task keeps its UID while its file and its words stay, so that a new import updates what is there. Nothing
    of the file depends on the clock: DTSTAMP is the beginning of `today`, in UTC.

    Parameters
    ----------
    found
        The tasks.
    today
        The day of writing.
    folder : str
        What the files' names begin with, and what the UIDs leave out.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//From Sockets to Agents//companion postmortem actions//EN")
    calendar.add("version", "2.0")
    times: Counter[tuple[str, str]] = Counter()
    for task in found:
        key = (_below(folder, task.file), task.text.lower())
        times[key] += 1
        calendar.add_component(_todo(task, today, uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((*key, str(times[key]))))))
    written: bytes = calendar.to_ical()
    return written


def _below(folder: str, file: str) -> str:
    return file.replace("\\", "/").removeprefix(folder.replace("\\", "/").rstrip("/") + "/" if folder else "")


def _todo(task: Task, today: dt.date, uid: uuid.UUID) -> Todo:
    from icalendar import Todo

    todo = Todo()
    todo.add("uid", str(uid))
    todo.add("dtstamp", dt.datetime(today.year, today.month, today.day, tzinfo=dt.UTC))
    todo.add("summary", _shown(task.text) or "(no words)")
    where = f"{task.file}:{task.line}" + (f", action {task.number}" if task.number else "")
    said = [task.title, where, f"Owner: {task.owner or 'nobody'}", f"Priority: {task.priority or 'none'}"]
    said += [f"Due: {task.due_text}"] if task.due is None and task.due_text else []
    todo.add("description", _shown("\n".join(said)))
    todo.add("status", _STATUS[task.state])
    if task.due is not None:
        todo.add("due", task.due)
    if task.state is State.DONE:
        todo.add("percent-complete", 100)
    if number := _priority(task.priority):
        todo.add("priority", number)
    if task.owner:
        todo.add("contact", _shown(task.owner))
    if task.link:
        todo.add("url", task.link)
    return todo


def _priority(said: str) -> int:
    """Give the number of RFC 5545, where 1 is the highest, 5 the middle and 0 stands for none."""
    word = said.strip().lower()
    if word in ("high", "critical", "urgent", "highest", "p0", "p1", "1"):
        return 1
    if word in ("medium", "normal", "p2", "2"):
        return 5
    return 9 if word in ("low", "lowest", "p3", "p4", "p5", "3", "4") else 0


def _shown(text: str) -> str:
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)
