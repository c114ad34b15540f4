"""What recurs from incident to incident, in the words of the documents; what is overdue; what nobody acts on.

A pattern is a hint where to look: the sentences are there to be read, and its count is that of the documents in which
at least one sentence says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from companion.operations.postmortems.document import Document, Lesson, Phase, Role, State
from companion.operations.postmortems.folder.actions import Task, tasks
from companion.operations.postmortems.folder.confidential import is_restricted

SAID_IN = (
    Role.SUMMARY, Role.CAUSES, Role.RESPONSE, Role.DETECTION, Role.DIAGNOSIS, Role.MITIGATION, Role.BLAST_RADIUS,
    Role.POST_INCIDENT, Role.LESSONS,
)  # fmt: skip
"""Where a document says what went wrong. An action tells what shall be, and praise what was fine."""

LONGEST = 600
"""Characters of a sentence that are searched."""


@dataclass(frozen=True)
class Kind:
    """A pattern: what it says of an organisation when it recurs, and the words that tell of it."""

    name: str
    says: str
    words: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def finds(self, sentence: str) -> bool:
        """Tell whether a sentence says so."""
        return any(word.search(sentence) for word in self.words) and not any(
            word.search(sentence) for word in self.unless
        )


@dataclass(frozen=True)
class Sentence:
    """What a document says, and where."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Pattern:
    """A pattern in a folder: the documents that have it, and their sentences."""

    name: str
    says: str
    files: tuple[str, ...]
    sentences: tuple[Sentence, ...]

    @property
    def recurs(self) -> bool:
        """Whether more than one document has it."""
        return len(self.files) > 1


@dataclass(frozen=True)
class Unlinked:
    """A lesson that no action refers to; `all_of_them` if that is so of each of the document's lessons."""

    file: str
    line: int
    number: str
    text: str
    all_of_them: bool


@dataclass(frozen=True)
class Patterns:
    """What a folder teaches.

    Attributes
    ----------
    documents : int
        How many were read.
    patterns : tuple of Pattern
        All that was found, the most frequent first; it recurs if it has at least two files.
    overdue : tuple of Task
        Open actions whose date has passed, the oldest first.
    undated : int
        Open actions without a date, which can never be overdue.
    unlinked : tuple of Unlinked
        Lessons without actions.
    """

    documents: int
    patterns: tuple[Pattern, ...]
    overdue: tuple[Task, ...]
    undated: int
    unlinked: tuple[Unlinked, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """Read the patterns that are known."""
    said = yaml.safe_load(resources.files(__package__).joinpath("patterns.yaml").read_text("utf-8"))
    return tuple(
        Kind(
            name,
            one["says"],
            *(tuple(re.compile(word, re.I) for word in one.get(key, ())) for key in ("words", "unless")),
        )
        for name, one in said.items()
    )


def patterns(documents: Sequence[Document], today: dt.date) -> Patterns:
    """Find what recurs in documents, and what is left undone on a day."""
    found: dict[str, list[Sentence]] = {kind.name: [] for kind in kinds()}
    for document in documents:
        for sentence in sentences(document):
            for kind in kinds():
                if kind.finds(sentence.text):
                    found[kind.name].append(sentence)
    made = [
        Pattern(kind.name, kind.says, tuple(dict.fromkeys(one.file for one in said)), tuple(said))
        for kind in kinds()
        if (said := found[kind.name])
    ]
    listed = tasks(documents, today)
    overdue = [task for task in listed if task.overdue]
    return Patterns(
        documents=len(documents),
        patterns=tuple(sorted(made, key=lambda one: -len(one.files))),
        overdue=tuple(sorted(overdue, key=lambda task: (task.due or today, task.file, task.line))),
        undated=sum(task.state is State.OPEN and task.due is None for task in listed),
        unlinked=tuple(lesson for document in documents for lesson in unlinked(document)),
    )


# -------------------------------------------------------------------------------------------------------- what is said


def sentences(document: Document) -> Iterator[Sentence]:
    """List the sentences that say what went wrong: of the sections where that stands, of the whys, and the trigger's.

    Each once; code, quotations, tables' heads and what is restricted are left out.
    """
    seen: set[str] = set()
    for begin, text in _said(document):
        for start, sentence in _split(text):
            short, line = " ".join(sentence.split()), begin + text.count("\n", 0, start)
            if short and short.lower() not in seen and not is_restricted(document, line):
                seen.add(short.lower())
                yield Sentence(document.path, line, short[:LONGEST])


def _said(document: Document) -> Iterator[tuple[int, str]]:
    read = set[int]()
    for section in document.of(*SAID_IN):
        for block in section.blocks:
            read.update(range(block.line, block.line + block.text.count("\n") + 1))
            if block.kind not in ("code", "comment", "heading") and not block.quoted:
                yield block.line, block.text
    for why in document.whys:  # which some documents keep elsewhere
        if why.line not in read:
            yield why.line, f"{why.question} → {why.answer}"
    for entry in document.timeline:
        if Phase.TRIGGER in entry.phases and entry.line not in read:
            yield entry.line, entry.text


_END = re.compile(r"(?<=[.!?。！？])\s+(?=[\W_]*[A-Z0-9À-Þ぀-鿿])|\s*(?:->|→|=>)\s*|\n(?=\d+(?:\.\d+)*[.)]?\s)")


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text where a sentence ends, and at an arrow, which stands between a question and its answer."""
    start = 0
    for end in re.finditer(
        r"(?<=[.!?。！？])\s+(?=[\W_]*[A-Z0-9À-Þ぀-鿿])|\s*(?:->|→|=>)\s*|\n(?=\d+(?:\.\d+)*[.)]?\s)", text
    ):
        yield start, text[start : end.start()]
        start = end.end()
    yield start, text[start:]


# -------------------------------------------------------------------------------------------------------- what follows


def unlinked(document: Document) -> list[Unlinked]:
    """List the lessons that no action refers to and that refer to no action."""
    numbers = {_plain(number) for action in document.actions for number in action.lessons}
    actions = {_plain(action.number) for action in document.actions if action.number}
    alone = [lesson for lesson in document.lessons if not _linked(lesson, numbers, actions)]
    everything = len(alone) == len(document.lessons)
    return [
        Unlinked(document.path, lesson.line, lesson.number, " ".join(lesson.text.split())[:LONGEST], everything)
        for lesson in alone
        if not is_restricted(document, lesson.line)
    ]


def _linked(lesson: Lesson, numbers: set[str], actions: set[str]) -> bool:
    referred = {_plain(number) for number in lesson.actions}
    named = bool(lesson.number) and _plain(lesson.number) in numbers
    return named or bool(referred & actions if actions else referred)


def _plain(number: str) -> str:
    digits = re.search(r"\d+(?:\.\d+)*", number)
    return digits[0] if digits else number.strip().lower()
