"""Whether lessons are there, can be referred to, and hold beyond this incident."""

from __future__ import annotations

import re

from companion.operations.postmortems.document import Document, Lesson, Role
from companion.operations.postmortems.rules.evidence import (
    LONGEST,
    absent,
    content,
    deed,
    empty_section,
    filled,
    listed_lessons,
    number,
    phrases,
    published,
    quote,
    section_at,
)
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met

ALIKE = 0.6
"""Share of its words that an action has of a lesson in the form of a demand that restates it; `SHARED` at least."""
SAME = 0.5
"""Share of all words of both, from which on they say the same whatever the lesson's form."""
SHARED = 3
_NO_LIST = "no list of lessons was recognised"
TERSE = 3
"""Words of a lesson, up to which it says nothing to whoever was not there."""


def lessons_missing(document: Document) -> Outcome:
    """Ask for lessons under any name; lists of what went well, wrong or by luck count."""
    if filled(document, Role.LESSONS, Role.WELL):
        return MET
    if empty := empty_section(document, Role.LESSONS, Role.WELL):
        return not_met(Mark(empty.line, f"The section {quote(empty.heading)} holds no lesson."))
    mark = Mark(None, "Nothing says what was learned.")
    return absent(document, phrases("learning", "lesson"), mark, "a list of lessons", of_prose=False)


def lessons_numbered(document: Document) -> Outcome:
    """Ask for a number at each lesson where there are several, and for one lesson a number."""
    lessons = listed_lessons(document)
    if not lessons:
        return cannot_tell(_NO_LIST)
    bare = [lesson for lesson in lessons if not number(lesson.number)]
    if len(lessons) > 1 and bare and published(document) and not document.actions:
        return cannot_tell("in an article for readers, no list of actions was recognised that could refer to a lesson")
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
    """List the lessons but for what merely went well, wrong or by luck, and for the prose of a conclusion."""
    listed = set(listed_lessons(document))
    found = []
    for lesson in document.lessons:
        heading = section_at(document, lesson.line).heading
        called_so = phrases("learning", "called_lessons").search(heading)
        if not phrases("learning", "went").search(heading) and (lesson in listed or called_so):
            found.append(lesson)
    return found


def lesson_not_universal(document: Document) -> Outcome:
    """Find lessons that restate an action, give an order, or speak of this incident alone."""
    lessons = _proper(document)
    if not lessons:
        return cannot_tell(_NO_LIST)
    found = [Mark(lesson.line, message) for lesson in lessons if (message := _of_this_incident(lesson, document))]
    return not_met(*found)


def _of_this_incident(lesson: Lesson, document: Document) -> str:
    text = lesson.text.strip()[:LONGEST]
    if len(document.lessons) > 1 and (text.endswith(":") or phrases("learning", "way_in").match(text)):
        return ""  # the sentence that leads to the lessons
    bare_order = phrases("learning", "order").match(_opening(text)) or phrases("learning", "lack").match(_opening(text))
    sentence = re.split(r"(?<=\w)[.:;](?=\s)|\s[–—-]\s", _opening(text))[0]
    first = content(sentence)
    for action in document.actions:
        doing = content(deed(action))
        shared, both = len(first & doing), len(first | doing)
        if shared >= SHARED and (shared >= SAME * both or (bare_order and shared >= ALIKE * len(first))):
            return f"The lesson {quote(text)} restates the action on line {action.line}."
    if this := phrases("learning", "this_one").search(sentence):
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
