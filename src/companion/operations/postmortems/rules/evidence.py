"""What the rules look at: sentences with their lines, the words that they hold, and how a finding quotes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from companion.operations.postmortems.document import Action, Document, Lesson, Role, Section, State
from companion.operations.postmortems.rules.outcome import Mark, Outcome, cannot_tell, family, not_met

SPOKEN = ("paragraph", "item", "row", "html")
"""Kinds of block in which the author speaks."""

LONGEST = 1000
"""Characters of an action or a lesson that are read: what is longer is no list's entry."""

_END = re.compile(r"(?<=[.!?。！？])[\"')\]”]*(?:\s+(?=[\"'“(\[]?[A-Z0-9])|(?<=[。！？]))")
_NO_END = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|approx|ca|no|dr|mr|ms|mrs|st|fig|cf|incl|min|max)|\b[A-Z])\.$", re.I)
_NOTHING = re.compile(
    r"\W*(?:t\.?b\.?[dc]\.?|to ?do|n/?a|none|nothing|pending|unknown|wip|\?+|…|\.{3}"
    r"|to be (?:written|added|done|decided|determined|assigned|filled in))?\W*",
    re.I,
)
_LABEL = re.compile(
    r"\b(?:owner|owned by|assigned to|assignee|responsible|due(?: by| on| date)?|deadline|eta|prio(?:rity)?)\b\s*[:=]?"
    r"|\((?:addresses )?lessons?\b[^)]*\)|\b(?:addresses |from |see )?lessons?\s*#?\d+(?:\s*(?:,|and|&)\s*#?\d+)*"
    r"|\bby(?=\s*[.,;)]|\s*$)",
    re.I,
)
_EMPTY = re.compile(r"[(\[][^\w()\[\]]*[)\]]|(?<=[.;,])(?:\s*[.;,:])+")
_WORD = re.compile(r"[^\W_][\w'’./-]*[^\W_]|[^\W_]")


@dataclass(frozen=True)
class Sentence:
    """A sentence, its line in the file, the section that holds it, and the line of its paragraph."""

    line: int
    text: str
    section: Section
    paragraph: int


@cache
def phrases(kind: str, name: str) -> re.Pattern[str]:
    """Compile a list of the words of a family: regular expressions, found as whole words in either case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(family(kind)['words'][name])})(?!\w)", re.I)


def sentences(document: Document, *roles: Role, without: Iterable[Role] = ()) -> list[Sentence]:
    """List what the author says, in sentences; quotations, code and headings left out.

    Parameters
    ----------
    document, *roles
        Whose sections are read, and which: none given means all.
    without
        Roles that are left out.
    """
    left_out = set(without)
    return [
        sentence
        for section in document.sections
        if (not roles or section.role in roles) and section.role not in left_out
        for sentence in said(section)
    ]


class _Itself:
    """A section as a key that is equal to itself alone: to compare all its words would cost more than to split them."""

    def __init__(self, section: Section) -> None:
        self.section = section

    def __hash__(self) -> int:
        return id(self.section)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.section is self.section


def said(section: Section) -> tuple[Sentence, ...]:
    """List the sentences of one section; the row of a table counts as one."""
    return _said(_Itself(section))


@lru_cache(512)
def _said(key: _Itself) -> tuple[Sentence, ...]:
    return tuple(_read(key.section))


def _read(section: Section) -> Iterator[Sentence]:
    for block in section.blocks:
        if block.kind not in SPOKEN or block.quoted or not block.text.strip():
            continue
        for start, text in ((0, block.text),) if block.kind == "row" else _split(block.text):
            yield Sentence(block.line + block.text.count("\n", 0, start), " ".join(text.split()), section, block.line)


@lru_cache(4096)
def _split(text: str) -> tuple[tuple[int, str], ...]:
    found, start = [], 0
    for end in _END.finditer(text):
        if not _NO_END.search(text, start, end.start()):
            found.append((start, text[start : end.end()]))
            start = end.end()
    if text[start:].strip():
        found.append((start, text[start:]))
    return tuple(found)


def bare(text: str) -> bool:
    """Tell whether a text says nothing: empty, or a word that stands for what is to come."""
    return _NOTHING.fullmatch(text) is not None


def filled(document: Document, *roles: Role) -> list[Section]:
    """List the sections of these roles that say something."""
    return [section for section in document.of(*roles) if any(not bare(sentence.text) for sentence in said(section))]


def shaped(document: Document) -> bool:
    """Tell whether the document has the sections of a post mortem, three kinds at least; else it is prose."""
    kinds = {section.role for section in document.sections if section.heading} - {Role.OTHER, Role.CONTEXT}
    return len(kinds | ({Role.TIMELINE} if document.timeline else set())) >= 3


def absent(
    document: Document,
    words: re.Pattern[str],
    mark: Mark,
    what: str,
    *,
    of_prose: bool = True,
    without: Iterable[Role] = (),
) -> Outcome:
    """Say that a thing is missing; or that it cannot be told, where the text has words for it.

    Parameters
    ----------
    document, words
        Where to look, headings too, and for what.
    mark
        The finding, if no such word stands anywhere.
    what
        The name of the thing, with its article.
    of_prose
        Whether it can be missed in prose too, which has no sections to go by.
    without
        Sections where the words mean something else.
    """
    left_out = set(without)
    if not of_prose and not shaped(document):
        return cannot_tell(f"the document is prose, in which {what} was not recognised")
    for section in document.sections:
        if section.role in left_out:
            continue
        found = section.line if words.search(section.heading) and section.role == Role.OTHER else None
        found = found or next((sentence.line for sentence in said(section) if words.search(sentence.text)), None)
        if found:
            return cannot_tell(f"{what} was not recognised, though line {found} has words for it")
    return not_met(mark)


def empty_section(document: Document, *roles: Role) -> Section | None:
    """Find a heading of these roles below which nothing is said; None if any says something, or there is none."""
    found = document.of(*roles)
    return found[0] if found and not filled(document, *roles) else None


def quote(text: str, limit: int = 60) -> str:
    """Quote the first words of a text."""
    text = " ".join(text.split())
    if len(text) > limit:
        text = text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return f"“{text}”"


def number(text: str) -> str:
    """Give the number of a lesson or action without letters and marks: ``L2``, ``#2`` and ``2.`` are 2."""
    found = re.search(r"\d+(?:\.\d+)*", text)
    return found[0] if found else ""


def open_actions(document: Document) -> list[Action]:
    """List the actions that are still to be done; a heading such as "Completed" closes those below it."""
    done = phrases("learning", "done_heading")
    closed = [section.heading for section in document.of(Role.ACTIONS) if done.search(section.heading)]
    return [
        action
        for action in document.actions
        if action.state == State.OPEN and not (closed and section_at(document, action.line).heading in closed)
    ]


def announced(document: Document) -> bool:
    """Tell a list that reports to readers what was done, and goes on in whole sentences, from one to work by."""
    left = open_actions(document)
    whole = re.compile(
        r"\W*(?:we|our|the|all|every|each|this|these|they)\b[^.]*?\b(?:are|is|will|['’]re|['’]ll)\b", re.I
    )
    bare_ones = all(bare(action.owner) and bare(action.due_text) for action in left)
    most = 0 < 2 * len(left) < len(document.actions)
    return most and bare_ones and all(whole.match(action.text) for action in left)


def published(document: Document) -> bool:
    """Tell whether the file is a signed article of a site: its front matter gives both title and author."""
    return "title" in document.meta and bool({"author", "authors", "byline"} & set(document.meta))


def listed_lessons(document: Document) -> list[Lesson]:
    """List the lessons that stand in a list, a table or under numbers: those of prose cannot be referred to."""
    lines = {
        block.line
        for section in document.of(Role.LESSONS)
        for block in section.blocks
        if block.kind in ("item", "row", "heading")
    }
    told = [lesson for lesson in document.lessons if not bare(lesson.text)]
    return [lesson for lesson in told if lesson.number or lesson.line in lines]


def section_at(document: Document, line: int) -> Section:
    """Find the section in which a line stands."""
    return max((section for section in document.sections if section.line <= line), key=lambda section: section.line)


def named(action: Action) -> str:
    """Name an action in a finding: by its number where it has one, and its first words."""
    own, text = number(action.number), quote(deed(action) or action.text, 45)
    return f"Action {own} ({text})" if own else f"The action {text}"


def deed(action: Action) -> str:
    """Give what is to be done, without the owner, date, priority and lessons that stand in the same sentence."""
    text = action.text[:LONGEST]
    for part in (action.owner, action.due_text, action.priority):
        if len(part) > 1:
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text)
    text = _EMPTY.sub("", " ".join(_LABEL.sub(" ", text).split()))
    return re.sub(r"\s+(?=[.,;:)])", "", text).strip(" ,;:|–—-")


def all_or_each(document: Document, marks: list[Mark], among: int, together: str) -> Outcome:
    """Make one finding of many, if it is the same with each of three actions or more, or with more than five.

    Parameters
    ----------
    document, marks
        The findings, one for each action at fault.
    among
        How many actions were looked at.
    together
        What to say if all of them are at fault, or many (``{}`` is how many); the finding stands at the heading of the
        actions, so that silence on one action's line is no silence on the others.
    """
    if len(marks) < 3 or (len(marks) < among and len(marks) <= 5):
        return not_met(*marks)
    headings = [section.line for section in document.of(Role.ACTIONS) if section.heading]
    first = min(mark.line for mark in marks if mark.line is not None)
    at = max((line for line in headings if line <= first), default=first)
    count = f"All {among}" if len(marks) == among else f"{len(marks)} of {among}"
    where = "" if len(marks) == among else f" The first is on line {first}."
    return not_met(Mark(at, f"{together.format(count)}{where}", severity=marks[0].severity))


@lru_cache(4096)
def content(text: str) -> frozenset[str]:
    """Give the words that carry the meaning of a text, endings cut, so that ``monitors`` and ``monitoring`` are one."""
    words = {word.lower() for word in _WORD.findall(text)} - _common()
    return frozenset(_stem(word) for word in words if not re.fullmatch(r"[\d.,%#]+", word))


@cache
def _common() -> frozenset[str]:
    return frozenset(family("learning")["words"]["common"])


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
