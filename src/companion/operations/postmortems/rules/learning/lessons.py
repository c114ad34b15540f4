"""Whether lessons are there, can be referred to, and hold beyond this incident."""

from __future__ import annotations

import re

from companion.operations.postmortems.document import Document, Lesson, Role
from companion.operations.postmortems.rules.evidence import (
    absent,
    content,
    deed,
    empty_section,
    filled,
    number,
    phrases,
    quote,
)
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met

ALIKE = 0.6
"""Share of a lesson's words that an action must have for the lesson to restate it; and at least `SHARED` words."""
SHARED = 3
TERSE = 3
"""Words of a lesson, up to which it says nothing to whoever was not there."""


def lessons_missing(document: Document) -> Outcome:
    """Ask for lessons under any name; lists of what went well, wrong or by luck count."""
    if document.lessons or filled(document, Role.LESSONS, Role.WELL):
        return MET
    if empty := empty_section(document, Role.LESSONS, Role.WELL):
        return not_met(Mark(empty.line, f"The section {quote(empty.heading)} holds no lesson."))
    mark = Mark(None, "Nothing says what was learned.")
    return absent(document, phrases("learning", "lesson"), mark, "a list of lessons")


def lessons_numbered(document: Document) -> Outcome:
    """Ask for a number at each lesson where there are several, and for one lesson a number."""
    lessons = document.lessons
    if not lessons:
        return cannot_tell("no list of lessons was recognised")
    bare = [lesson for lesson in lessons if not number(lesson.number)]
    if len(lessons) > 1 and bare:
        count = (
            "None of the lessons has" if len(bare) == len(lessons) else f"{len(bare)} of {len(lessons)} lessons have"
        )
        count += " a number" if len(bare) == len(lessons) else " no number"
        return not_met(Mark(bare[0].line, f"{count}, {quote(bare[0].text)} first."))
    wanted = {number(reference) for action in document.actions for reference in action.lessons}
    first: dict[str, int] = {}
    for lesson in lessons:
        own = number(lesson.number)
        if own in first and own in wanted:
            return not_met(Mark(lesson.line, f"Two lessons are number {own}, here and on line {first[own]}."))
        first.setdefault(own, lesson.line)
    return MET


def _proper(document: Document) -> list[Lesson]:
    """List the lessons but for what merely went well, wrong or by luck: nothing refers to those."""
    headings = [(section.line, section) for section in document.sections]
    found = []
    for lesson in document.lessons:
        section = max((pair for pair in headings if pair[0] <= lesson.line), key=lambda pair: pair[0], default=None)
        went = section and (section[1].role == Role.WELL or phrases("learning", "went").search(section[1].heading))
        if not went:
            found.append(lesson)
    return found


def lesson_not_universal(document: Document) -> Outcome:
    """Find lessons that restate an action, give an order, or speak of this incident alone."""
    lessons = _proper(document)
    if not lessons:
        return cannot_tell("no list of lessons was recognised")
    found = [Mark(lesson.line, message) for lesson in lessons if (message := _of_this_incident(lesson, document))]
    return not_met(*found)


def _of_this_incident(lesson: Lesson, document: Document) -> str:
    text = lesson.text.strip()
    words = content(text)
    for action in document.actions:
        shared = words & content(deed(action))
        if len(shared) >= SHARED and len(shared) >= ALIKE * len(words):
            return f"The lesson {quote(text)} restates the action on line {action.line}."
    if this := phrases("learning", "this_one").search(text):
        return f"The lesson {quote(text)} speaks of this incident alone: {quote(this[0])}."
    if phrases("learning", "universal").search(text):
        return ""
    if len(text.split()) <= TERSE:
        return f"The lesson {quote(text)} is too short for another team to use."
    if phrases("learning", "order").match(_opening(text)):
        return f"The lesson {quote(text)} is an action, and says nothing that another team could use."
    if phrases("learning", "lack").match(_opening(text)):
        return f"The lesson {quote(text)} says what is missing here, and nothing that another team could use."
    return ""


def _opening(text: str) -> str:
    """Leave out the words before the verb: ``Lesson 2:``, ``In future,``, ``We should``."""
    return re.sub(r"^\W*(?:lesson\W*)?(?:[A-Z]?\d+(?:\.\d+)*[.:)]?\s+)?", "", text, flags=re.I)


CHECKS: dict[str, Check] = {
    "lessons-missing": lessons_missing,
    "lessons-numbered": lessons_numbered,
    "lesson-not-universal": lesson_not_universal,
}
