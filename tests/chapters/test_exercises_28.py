"""Chapter 28: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

GAPS = """
def gaps(entries, most):
    def minute(clock):
        hours, minutes = clock.split(":")
        return 60 * int(hours) + int(minutes)
    found = []
    for (one, _), (other, _) in zip(entries, entries[1:]):
        end, begin = one.split(" - ")[END], other.split(" - ")[0]
        if WAIT:
            found.append((end, begin))
    return found
"""


def gaps(end: str = "-1", wait: str = "(minute(begin) - minute(end)) % 1440 > most") -> str:
    return GAPS.replace("END", end).replace("WAIT", wait)


RUNBOOK = """
def runbook(document):
    said = SAID
    if NONE:
        return "cannot tell"
    return "met" if "runbook" in said or "run book" in said else "not met"
"""
ROLES = "document.of('response', 'detection', 'diagnosis', 'mitigation')"


def runbook(said: str = f"' '.join(one.text for one in {ROLES}).lower()", none: str = "not said.strip()") -> str:
    return RUNBOOK.replace("SAID", said).replace("NONE", none)


IN_EVERY_SECTION = """
def runbook(document):
    few = [one.text.lower() for one in document.of("response", "detection", "diagnosis", "mitigation") if one.text]
    if not few:
        return "cannot tell"
    return "met" if all("runbook" in text or "run book" in text for text in few) else "not met"
"""

UNLEARNED = """
def unlearned(document, today):
    found = []
    for lesson in document.lessons:
        own = [one for one in document.actions if (BELONGS) and COUNTS]
        if own and all(LATE for one in own) and not any(one.state == "done" for one in own):
            found.append(lesson.number)
    return found
"""
BELONGS = "lesson.number in one.lessons or one.number in lesson.actions"


def unlearned(
    belongs: str = BELONGS, counts: str = "one.state != 'dropped'", late: str = "one.due and one.due < today"
) -> str:
    return UNLEARNED.replace("BELONGS", belongs).replace("COUNTS", counts).replace("LATE", late)


WRONG: dict[str, list[tuple[str, str]]] = {
    "gaps": [
        (gaps(wait="minute(begin) - minute(end) > most"), "minutes: not"),
        (gaps(wait="(minute(begin) - minute(end)) % 1440 >= most"), "minutes: not"),
        (gaps(end="0"), "minutes: not"),
        (gaps(wait="(minute(begin) - minute(end)) % 720 > most"), "minutes: not"),
        (gaps(wait="abs(minute(begin) - minute(end)) > most"), "minutes: not"),
        ("def gaps(entries, most): return None", "is no list"),
    ],
    "buy": [
        ("def buy(holes, shared, extra, less): return 'sharing'", "you say 'sharing'"),
        ("def buy(holes, shared, extra, less): return 'layer'", "you say 'layer'"),
        (
            "def buy(holes, shared, extra, less):\n"
            "    return 'layer' if through(holes, shared) * extra < through(holes, less) else 'sharing'",
            "you say",
        ),
        (
            "def buy(holes, shared, extra, less):\n"
            "    from math import prod\n"
            "    return 'layer' if prod([*holes, extra]) < through(holes, less) else 'sharing'",
            "you say",
        ),
        ("def buy(holes, shared, extra, less): return 'layer' if extra < less else 'sharing'", "you say"),
    ],
    "runbook": [
        (runbook(said="document.source.lower()"), "and it is"),
        (runbook(none="False"), "and it is 'cannot tell'"),
        (runbook(none=f"not {ROLES}"), "and it is 'cannot tell'"),
        (runbook(said="' '.join(one.text for one in document.sections).lower()"), "and it is"),
        (runbook(said="document.text('mitigation').lower()"), "and it is"),
        (runbook().replace(" or 'run book' in said", "").replace('or "run book" in said', ""), "and it is 'met'"),
        (runbook().replace(".lower()", ""), "and it is 'met'"),
        (IN_EVERY_SECTION, "and it is 'met'"),
    ],
    "unlearned": [
        (unlearned(belongs="lesson.number in one.lessons"), "and it is"),
        (unlearned(belongs="one.number in lesson.actions"), "and it is"),
        (unlearned(counts="True"), "and it is"),
        (unlearned(counts="True", late="one.state == 'dropped' or one.due and one.due < today"), "and it is"),
        (unlearned(late="not one.due or one.due < today"), "and it is"),
        (unlearned(late="one.due and one.due <= today"), "and it is"),
        (unlearned().replace("if own and", "if"), "and it is"),
        (unlearned().replace("all(", "any("), "and it is"),
    ],
}

BY_DATES = """
def gaps(entries, most):
    from datetime import datetime, timedelta
    at = lambda clock: datetime.strptime(clock, "%H:%M")
    spans = [clock.split(" - ") for clock, _ in entries]
    found = []
    for one, other in zip(spans, spans[1:]):
        wait = at(other[0]) - at(one[-1])
        if wait < timedelta():
            wait += timedelta(days=1)
        if wait > timedelta(minutes=most):
            found.append([one[-1], other[0]])
    return found
"""

BY_SECTIONS = """
def runbook(document):
    import re
    few = [one for role in ("mitigation", "diagnosis", "detection", "response") for one in document.of(role)]
    full = [one.text for one in few if one.text.split()]
    if not full:
        return "cannot tell"
    return "met" if any(re.search("run ?book", text, re.I) for text in full) else "not met"
"""


BY_LESSONS = """
def unlearned(document, today):
    late, spared = set(), set()
    for action in document.actions:
        own = {one.number for one in document.lessons if one.number in action.lessons or action.number in one.actions}
        if action.state != "dropped":
            ends = action.state == "open" and action.due is not None and action.due < today
            (late if ends else spared).update(own)
    return tuple(one.number for one in document.lessons if one.number in late - spared)
"""


@pytest.mark.parametrize(("name", "answer"), [("gaps", BY_DATES), ("runbook", BY_SECTIONS), ("unlearned", BY_LESSONS)])
def test_a_right_answer_of_another_kind_passes(name: str, answer: str) -> None:
    assert told("28", name, answer) == ""
