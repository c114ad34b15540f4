"""A post mortem as it was read: what stands in it, as what it was taken, and on which line of the file.

Everything is text and numbers; nothing here judges. What could not be recognised is an empty tuple or None, and that is
not the same as missing: a rule has to say which it means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from companion.errors import CompanionError

TITLE_SHOWN = 300
"""Characters of a title that a report for people shows; what a program reads has all of it."""


class PostmortemError(CompanionError):
    """A file that cannot be read as a post mortem, or settings that make no sense; one line says which and why."""


class Role(StrEnum):
    """What a section is for, whatever its heading says."""

    SUMMARY = "summary"
    CONTEXT = "context"
    IMPACT = "impact"
    TIMELINE = "timeline"
    METRICS = "metrics"
    CAUSES = "causes"
    RESPONSE = "response"
    DETECTION = "detection"
    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    BLAST_RADIUS = "blast radius"
    POST_INCIDENT = "post-incident"
    LESSONS = "lessons"
    WELL = "went well"
    ACTIONS = "actions"
    COMMUNICATION = "communication"
    REVIEW = "review"
    GLOSSARY = "glossary"
    OTHER = "other"


class Phase(StrEnum):
    """What an entry of a timeline tells, in the order in which an incident has them."""

    TRIGGER = "trigger"
    IMPACT = "impact"
    DETECTED = "detected"
    ESCALATED = "escalated"
    DIAGNOSED = "diagnosed"
    MITIGATING = "mitigating"
    RESOLVED = "resolved"


class State(StrEnum):
    """How far an action is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, item of a list, row of a table, piece of code, comment: the smallest thing with a line.

    Attributes
    ----------
    kind : str
        heading, paragraph, item, row, code, comment, html.
    line : int
        Where it begins in the file, from 1.
    text : str
        Without the marks of Markdown; a line end in the source is one here. A row's cells are joined by `` | ``.
    level : int
        Of a heading, 1 to 6; of an item, its depth, from 1, which a paragraph inside the item shares; else 0.
    marker : str
        What stands before an item: ``-`` or its number (``3``, ``2.1``, also where it was typed into the text).
    label : str
        The bold words that it begins with, when a colon or nothing follows: ``**Owner:** the tests' team``.
    strong : bool
        Whether anything in it is bold.
    struck : bool
        Whether all of it is struck out.
    checked : bool or None
        Of an item with a box.
    cells, head : tuple of str
        Of a row; the head's own row is no block.
    links, images : tuple of (str, str)
        Words and target of each.
    quoted : bool
        Whether it stands in a quotation, where other people speak.
    """

    kind: str
    line: int
    text: str
    level: int = 0
    marker: str = ""
    label: str = ""
    strong: bool = False
    struck: bool = False
    checked: bool | None = None
    cells: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    quoted: bool = False


@dataclass(frozen=True)
class Section:
    """A heading, or a bold label that stands for one, and what is below it.

    Attributes
    ----------
    role : Role
        What it was taken for.
    heading : str
        Its words; empty for what stands before the first heading.
    line : int
        Of the heading.
    level : int
        1 to 6, and 7 for a label.
    blocks : tuple of Block
        What it holds itself, without the sections below it. Comments are left out.
    matched : str
        The words of the heading, or the trait of the content, that decided the role; empty if it is its parent's.
    """

    role: Role
    heading: str
    line: int
    level: int
    blocks: tuple[Block, ...]
    matched: str = ""

    @property
    def text(self) -> str:
        """All that is said in it, in lines, quotations and code left out."""
        return "\n".join(block.text for block in self.blocks if block.kind != "code" and not block.quoted)


@dataclass(frozen=True)
class Entry:
    """One moment, or stretch of time, of the timeline.

    Attributes
    ----------
    line : int
        Where it stands.
    clock : str
        The time as it is written.
    start, end : float or None
        Minutes since midnight of the first entry's day; None where no time can be told (``??:??``), or no end is given.
    date : datetime.date or None
        Where it, or an entry before it, gives one.
    zone : str
        As written at the entry, at the column, the section or the top of the file; empty if nowhere.
    text : str
        What happened.
    strong : bool
        Whether it, or a part of it, is bold.
    phases : frozenset of Phase
        What it tells of, by its words.
    """

    line: int
    clock: str
    start: float | None
    end: float | None
    date: dt.date | None
    zone: str
    text: str
    strong: bool
    phases: frozenset[Phase]


@dataclass(frozen=True)
class Why:
    """One question of a chain, with its answer.

    Attributes
    ----------
    number : str
        As written (``4``, ``2.1``); empty where there is none.
    branch : str
        The chain that it belongs to: ``1`` for 1.x, or its number in the order of the page.
    depth : int
        Its place in that chain, from 1.
    question, answer : str
        Either may be empty: many documents give answers alone.
    """

    line: int
    number: str
    branch: str
    depth: int
    question: str
    answer: str


@dataclass(frozen=True)
class Lesson:
    """One lesson; `number` is as written, or empty; `actions` are the numbers of the actions that it refers to."""

    line: int
    number: str
    text: str
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes
    ----------
    number : str
        As written, without the ``A`` or ``#`` before it, or empty.
    text : str
        What is to be done, without owner, date and priority where those stand apart.
    owner : str
        As written; empty if nobody is named.
    due : datetime.date or None
        The date, where one can be told.
    due_text : str
        What stands where a date is expected.
    priority : str
        As written; empty if none.
    state : State
        By its box, its status, or the words that open it.
    lessons : tuple of str
        The numbers of the lessons that it refers to.
    links : tuple of (str, str)
        Words and target of each link in it.
    """

    line: int
    number: str
    text: str
    owner: str = ""
    due: dt.date | None = None
    due_text: str = ""
    priority: str = ""
    state: State = State.OPEN
    lessons: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Silence:
    """A rule that the file itself turns off or down.

    Attributes
    ----------
    rule : str
        Its id.
    level : str
        ``off`` or ``warning``.
    reason : str
        Why; a silence without one does not count.
    where : tuple of (int, int) or None
        First and last line that it holds for; None is the whole file.
    line : int
        Where it is written.
    """

    rule: str
    level: str
    reason: str
    where: tuple[int, int] | None
    line: int


@dataclass(frozen=True)
class Document:
    """A post mortem.

    Attributes
    ----------
    path : str
        The file, as it was named.
    title, title_line
        The title, and where it stands; empty and None if there is none.
    meta : mapping of str to (str, int)
        What the front matter and the lines at the top say: the key in lower case, its value as text, its line.
    date : datetime.date or None
        The day of the incident, where the document says it.
    language : str
        ``en``, another language's code where most headings or words are known to be of it, or ``?``.
    sections : tuple of Section
        In their order, the first may be what stands before any heading.
    timeline, whys, lessons, actions
        What was recognised, in the order of the page.
    silences : tuple of Silence
        What the file turns off.
    restricted : tuple of (int, int)
        First and last lines of what is marked restricted.
    source : str
        The text itself.
    """

    path: str
    title: str
    title_line: int | None
    meta: Mapping[str, tuple[str, int]]
    date: dt.date | None
    language: str
    sections: tuple[Section, ...]
    timeline: tuple[Entry, ...] = ()
    whys: tuple[Why, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    actions: tuple[Action, ...] = ()
    silences: tuple[Silence, ...] = ()
    restricted: tuple[tuple[int, int], ...] = ()
    source: str = field(default="", repr=False)

    def of(self, *roles: Role) -> tuple[Section, ...]:
        """List the sections that were taken for one of these roles."""
        return tuple(section for section in self.sections if section.role in roles)

    def text(self, *roles: Role) -> str:
        """Join what those sections say."""
        return "\n".join(section.text for section in self.of(*roles))
