"""What a reader is told: a title and a summary for those who read no further, and the impact in numbers."""

from __future__ import annotations

import re

from companion.operations.postmortems.document import Document, Role
from companion.operations.postmortems.reading.moments import ZONE
from companion.operations.postmortems.rules import agreement, wording
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met
from companion.operations.postmortems.rules.passages import (
    CLOCK,
    Passage,
    cut,
    enumerated,
    pattern,
    read,
    story,
    summary,
    words,
)
from companion.operations.postmortems.rules.quantities import counted, lengths

LEAST_WORDS = 8
"""Words that a text under the title has at least, to be taken for a summary."""

DOES = (
    r"(?:^|[.:!?]\s+|\n)(?:The|Our|A|An|`[\w-]+`|[A-Z][\w-]+)(?:\s+[\w'’-]+){0,4}?\s+"
    r"(?!(?:was|is|has|does|this|loss|access|address|class|status|process|users|customers|servers|errors|requests)\b)[a-z]+s\s+"
    r"(?:[\w'’-]+\s+){0,2}(?:an?|the|our|their|its|all|what|how|people|[a-z]{3,}s)\b"
)
"""A sentence in the present, about what something does: "The trip desk sells train seats"."""


def title(document: Document) -> Outcome:
    """Ask whether the title tells a problem that a customer had."""
    line, told = document.title_line, document.title.strip()
    if not told:
        if not any(section.heading for section in document.sections):
            return cannot_tell("no line is marked as a heading, so none can be told to be the title")
        return not_met(Mark(None, "The document has no title."))
    found = pattern(rf"\b{words('causes')}\b").search(told)
    if _problem(told, cause=found is not None):
        return MET
    if found:
        return not_met(Mark(line, f'The title names what broke ("{cut(found[0])}"), not what customers could not do.'))
    left = pattern(rf"\b{words('empty')}\b").sub(" ", told)
    left = re.sub(r"[\W\d_]+", " ", re.sub(r"\d[\w.:/-]*", " ", left)).strip()
    if not left:
        return not_met(
            Mark(line, f'The title "{cut(told)}" says that something happened, not what customers could not do.')
        )
    said = rf"\b(?:{words('problems')}|{words('activities')}|outage|disruption|degradation|incident|unstable)\b"
    if not pattern(said).search(told):
        return not_met(Mark(line, f'The title "{cut(told)}" tells neither who was hurt nor what they could not do.'))
    return cannot_tell(
        f'whether "{cut(told)}" is something that customers use, or what they could not do, only its users know'
    )


def _problem(told: str, *, cause: bool) -> bool:
    """Tell whether a title says what customers met: they, or what they do, and what happened to it."""
    causes, problems = words("causes"), words("problems")
    people = pattern(rf"\b{words('people')}(?:['’]s?)?(?! {causes}\b)\b").search(told)
    activity = pattern(rf"\b{words('activities')}(?! {causes}\b)\b").search(told)
    # A missing index and a database failure are causes, though "missing" and "failure" are problems of customers too.
    rest = pattern(rf"\b{problems} {causes}\b|\b(?:memory leak|out of memory|disk full)\b").sub(" ", told)
    broken = rf"\b{causes} (?:failures?|outage|errors?|crash(?:es)?|down|timeouts?|loss|full)\b"
    rest = pattern(broken).sub(" ", rest)
    if (people or activity) and pattern(rf"\b{problems}\b").search(rest):
        return True
    lasting = r"\b(?:for|during) (?:about |nearly |over |almost )?[\w.]+ (?:seconds?|minutes?|hours?|days?|weeks?)\b"
    gone = r"\b(?:unavailable|inaccessible|unreachable|offline|down|slow|not (?:loading|working|available))\b"
    return not cause and (people is not None or pattern(rf"{lasting}|{gone}").search(told) is not None)


def complete(document: Document) -> Outcome:
    """Ask whether the summary, or the paragraph under the title, could be sent as it is."""
    passages, named = summary(document), bool(read(document.of(Role.SUMMARY)))
    if sum(len(passage.text.split()) for passage in passages) < LEAST_WORDS and not named:
        other = next((section for section in document.sections if len(section.text.split()) >= LEAST_WORDS), None)
        if other is None or other.role not in (Role.OTHER, Role.CONTEXT):
            return not_met(Mark(document.title_line, "There is no summary, and no paragraph under the title."))
        passages = read([other])
    text = "\n".join(
        [passage.text for passage in passages] + [f"{key}: {value}" for key, (value, _) in document.meta.items()]
    )
    absent = [part for part, found in _parts(document, text).items() if not found]
    if not absent:
        return MET
    if not named and passages and passages[0].role == Role.OTHER and not _under_title(document, passages[0]):
        heading = next(section.heading for section in document.sections if section.role == Role.OTHER)
        return cannot_tell(f'no section was recognised as a summary; "{cut(heading)}" may be it')
    long = (passage.line for passage in passages if len(passage.text.split()) >= LEAST_WORDS)
    line = next(long, passages[0].line if passages else document.title_line)
    return not_met(Mark(line, f"The summary does not say {enumerated(absent)}."))


def _under_title(document: Document, passage: Passage) -> bool:
    following = [
        section.line for section in document.sections if section.heading and section.line != document.title_line
    ]
    return not following or passage.line < min(following)


def _parts(document: Document, text: str) -> dict[str, bool]:
    zone, clock = ZONE.search(text), pattern(CLOCK).search(text)
    when = "when it was (with the time zone)" if not clock else "the time zone of its times"
    span = pattern(rf"{CLOCK}[^.\n]{{0,20}} ?(?:to|and|until|till|[-–—]) ?[^.\n]{{0,20}}{CLOCK}")
    return {
        "what the service is for": (
            pattern(words("context")).search(text) is not None
            or re.search(DOES, text) is not None
            or bool(read(document.of(Role.CONTEXT)))
        ),
        when: clock is not None and zone is not None,
        "how many were affected": counted(text) or pattern(words("unknown")).search(text) is not None,
        "how long it lasted": any(lengths(text)) or span.search(text) is not None,
        "why it happened": pattern(rf"\b{words('cause')}\b").search(text) is not None,
        "how it was resolved": pattern(rf"\b{words('resolution')}\b").search(text) is not None,
    }


def quantified(document: Document) -> Outcome:
    """Ask whether the impact is a number of something, or why it cannot be one."""
    passages = story(document)
    sections = document.of(Role.IMPACT)
    if not sections:
        passages = (*passages, *read(document.of(Role.OTHER)))
    for passage in passages:
        if counted(passage.text):
            return MET
    for place, passage in enumerate(passages):
        for begin, sentence in passage.sentences():
            if not (unknown := pattern(words("unknown")).search(sentence)):
                continue
            after = (
                passage.text[begin + unknown.end() :]
                + " "
                + " ".join(more.text for more in passages[place + 1 : place + 2])
            )
            before = passage.text[: begin + unknown.start()]
            if pattern(rf"(?<!\w){words('reason')}").search(after) or pattern(
                r"\b(?:because|since|as|due to)\b"
            ).search(before):
                return MET
            line = passage.line_at(begin + unknown.start())
            return not_met(
                Mark(
                    line,
                    f'It says that the impact is not known ("{cut(unknown[0])}"), but not why.',
                    "Say what would be needed to count it.",
                )
            )
    if sections:
        told = next((passage for passage in passages if passage.role == Role.IMPACT), None)
        what = f'"{cut(told.text)}" has' if told else "The section on the impact has"
        return not_met(
            Mark(told.line if told else sections[0].line, f"{what} no number of people, requests, orders or money.")
        )
    if document.of(Role.SUMMARY):
        return not_met(
            Mark(
                document.of(Role.SUMMARY)[0].line,
                "Neither the summary nor a section on the impact counts who or what was affected.",
            )
        )
    return cannot_tell("no section was recognised as the impact or the summary")


CHECKS: dict[str, Check] = {
    "title-customer-problem": title,
    "summary-incomplete": complete,
    "impact-quantified": quantified,
    **wording.CHECKS,
    **agreement.CHECKS,
}
