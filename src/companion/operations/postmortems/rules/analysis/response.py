"""How an incident was handled: for each phase, whether a document tells of it, and whether it judges it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from companion.operations.postmortems.document import Document, Phase, Role
from companion.operations.postmortems.rules.evidence import Sentence, filled, phrases, quote, said, sentences, shaped
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met

DURING = (Role.RESPONSE, Role.DETECTION, Role.DIAGNOSIS, Role.MITIGATION, Role.BLAST_RADIUS)
"""Sections about what was done while it lasted."""

ELSEWHERE = (Role.ACTIONS, Role.TIMELINE, Role.GLOSSARY, Role.REVIEW, Role.COMMUNICATION, Role.CONTEXT)
"""Sections whose words about alerts and rollbacks are plans, moments or definitions, and no account of the response."""

TOLD_BRIEFLY = (Role.SUMMARY, Role.IMPACT, Role.CAUSES, Role.METRICS)
"""Sections in which a judgement must stand in the sentence itself: the next one may be about anything."""


@dataclass(frozen=True)
class Part:
    """One part of the response: its section, its words in prose, its moment in a timeline, and what is asked of it."""

    role: Role
    name: str
    phases: frozenset[Phase]
    told: str
    judged: str


PARTS = (
    Part(Role.DETECTION, "detection", frozenset({Phase.DETECTED}), "how the problem was noticed",
         "what would have shown it sooner, or what helped"),
    Part(Role.DIAGNOSIS, "diagnosis", frozenset({Phase.DIAGNOSED}), "how the cause was found while it lasted",
         "what slowed the search, or would have shortened it"),
    Part(Role.MITIGATION, "mitigation", frozenset({Phase.MITIGATING, Phase.RESOLVED}), "how service was restored",
         "what delayed the recovery, or would have made it faster"),
    Part(Role.BLAST_RADIUS, "blast_radius", frozenset(), "how far it spread",
         "what kept it small, or would have"),
)  # fmt: skip


def part_of_response(document: Document, part: Part) -> Outcome:
    """Ask two questions of a part of the response: is it described anywhere, and is it judged."""
    about = phrases("analysis", part.name)
    own = filled(document, part.role)
    if any(_judges(sentence, part, itself=True) for section in own for sentence in said(section)):
        return MET
    told = _told(document, about)
    early = phrases("analysis", "before_it")
    if any(about.search(why.question) and not early.search(why.question) for why in document.whys):
        return MET  # a why about it describes it and asks for the reason
    if any(_judged_around(told, at, part, about) for at, sentence in enumerate(told) if about.search(sentence.text)):
        return MET
    described = [sentence for section in own for sentence in said(section)]
    described += [one for one in told if about.search(one.text) and not phrases("analysis", "planned").search(one.text)]
    if (described or document.timeline) and _to_be_shorter(document, part, about):
        return MET
    if not own and not shaped(document) and not (part.role == Role.BLAST_RADIUS and document.of(Role.IMPACT)):
        return cannot_tell(f"the document is prose, and nothing in it was recognised that judges {part.told}")
    if described:
        first = described[0]
        return not_met(Mark(first.line, f"{quote(first.text)} says {part.told}; nothing judges it: {part.judged}."))
    if moment := _moment(document, part, about):
        line, text = moment
        return not_met(Mark(line, f"Only the timeline says {part.told}, {quote(text)}; nothing says {part.judged}."))
    if part.phases and not document.timeline and filled(document, Role.TIMELINE):
        return cannot_tell(f"the timeline, which may say {part.told}, could not be read")
    return not_met(Mark(None, f"Nothing says {part.told}, nor {part.judged}."))


def _to_be_shorter(document: Document, part: Part, about: re.Pattern[str]) -> bool:
    """Tell whether an action or a lesson says what would shorten this part: then it was judged."""
    roles = (Role.LESSONS,) if part.role == Role.DIAGNOSIS else (Role.ACTIONS, Role.LESSONS)  # "investigate" is no plan
    return any(
        about.search(one.text) and phrases("analysis", "shorter").search(one.text)
        for one in sentences(document, *roles)
    )


def _moment(document: Document, part: Part, about: re.Pattern[str]) -> tuple[int, str] | None:
    """Find where the timeline tells of a part, by its entries or, where none was recognised, by its words."""
    for entry in sorted(document.timeline, key=lambda entry: (not about.search(entry.text), len(entry.phases))):
        if entry.phases & part.phases:
            found = about.search(entry.text)
            begin = max((entry.text.rfind(mark, 0, found.start()) + 1 for mark in ".|\n"), default=0) if found else 0
            return entry.line, entry.text[begin:]
    if not document.timeline:
        for sentence in sentences(document, Role.TIMELINE):
            if about.search(sentence.text):
                return sentence.line, sentence.text
    return None


def _told(document: Document, about: re.Pattern[str]) -> list[Sentence]:
    """List the sentences that may tell of the response: lessons only where they tell what went well or wrong."""
    found = sentences(document, without=(*ELSEWHERE, Role.LESSONS))
    return found + [
        sentence
        for sentence in sentences(document, Role.LESSONS)
        if phrases("analysis", "went").search(sentence.section.heading)
    ]


def _judged_around(told: list[Sentence], at: int, part: Part, about: re.Pattern[str]) -> bool:
    """Look for a judgement in the sentence, or beside it where the neighbour speaks of no other part."""
    here = told[at]
    if here.section.role == Role.CAUSES and phrases("analysis", "before_it").search(here.text):
        return False  # it asks why no test found it, which is another question
    if here.section.role in (Role.WELL, Role.LESSONS) or _judges(here, part, itself=True):
        return True
    if here.section.role in TOLD_BRIEFLY and not (part.role == Role.BLAST_RADIUS and here.section.role == Role.IMPACT):
        return False
    others = [phrases("analysis", other.name) for other in PARTS if other.role != part.role]
    for near in (at - 1, at + 1, at + 2):
        if 0 <= near < len(told) and _beside(here, told[near]) and _judges(told[near], part):
            text = told[near].text
            if about.search(text) or not any(other.search(text) for other in others):
                return True
    return False


def _beside(here: Sentence, near: Sentence) -> bool:
    """Tell whether two sentences belong together: of one paragraph, or the later one of the next."""
    return near.section is here.section and near.paragraph >= here.paragraph


def _judges(sentence: Sentence, part: Part, *, itself: bool = False) -> bool:
    """Look for a judgement; words that only deny something count in what speaks of the part itself."""
    if itself and phrases("analysis", "judges_here").search(sentence.text):
        return True
    own = part.role == Role.BLAST_RADIUS and phrases("analysis", "judges_spread").search(sentence.text)
    return bool(own) or phrases("analysis", "judges").search(sentence.text) is not None


def post_incident(document: Document) -> Outcome:
    """Ask for the analysis afterwards, apart from the response: how it was done, and how long it took."""
    method, after = phrases("analysis", "investigated"), phrases("analysis", "afterwards")
    lasting = phrases("analysis", "lasting")
    during = [one for one in sentences(document, *DURING) if after.search(one.text) and method.search(one.text)]
    if own := filled(document, Role.POST_INCIDENT):
        if any(lasting.search(sentence.text) for section in own for sentence in said(section)):
            return MET
        return not_met(Mark(own[0].line, "The investigation is told, and not how long it took."))
    apart = sentences(document, without=(*DURING, *ELSEWHERE, Role.LESSONS))
    found = [sentence for sentence in apart if after.search(sentence.text) and method.search(sentence.text)]
    if found:
        return MET
    if during:
        first = during[0]
        return not_met(Mark(first.line, f"{quote(first.text)} is of the time after, and stands among the response."))
    if not shaped(document):
        return cannot_tell("the document is prose, and no account of the analysis afterwards was recognised in it")
    return not_met(Mark(None, "Nothing says how the cause was investigated afterwards, nor how long that took."))


CHECKS: dict[str, Check] = {
    "detection": lambda document: part_of_response(document, PARTS[0]),
    "diagnosis": lambda document: part_of_response(document, PARTS[1]),
    "mitigation": lambda document: part_of_response(document, PARTS[2]),
    "blast-radius": lambda document: part_of_response(document, PARTS[3]),
    "post-incident": post_incident,
}
