"""What a reader is told: a title and a summary for those who read no further, and the impact in numbers."""

from __future__ import annotations

import re

from companion.operations.postmortems.document import Document, Role, Section
from companion.operations.postmortems.reading.moments import DATE, ZONE
from companion.operations.postmortems.rules import agreement, wording
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met
from companion.operations.postmortems.rules.passages import (
    CLOCK,
    Passage,
    cut,
    enumerated,
    lead,
    pattern,
    read,
    story,
    summary,
    words,
)
from companion.operations.postmortems.rules.quantities import counted, lengths

LEAST_WORDS = 8
"""Words that a text under the title has at least, to be taken for a summary."""

BRIEF = 150
"""Words of a summary, and of a section behind it, up to which the two are read as one."""

TOLD = 20
"""Words of title, summary and impact from which on it means something that none of them is a customer."""

PURPOSE = "what the service is for"

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
    named = re.sub(r"\b[\w-]*[A-Za-z]\.[A-Za-z][\w-]*", " ", told)  # "Node.js", "crates.io" are names
    found = pattern(rf"\b{words('causes')}\b").search(named)
    if _problem(told, cause=found is not None):
        return MET
    if reason := _nobody(document):
        return cannot_tell(reason)
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


def _nobody(document: Document) -> str:
    """Give the reason why a title may have no customer in it: the text says that none was hurt, or speaks of none."""
    passages = story(document)
    for passage in passages:
        if found := pattern(rf"\b{words('unhurt')}\b").search(passage.text):
            return f'line {passage.line_at(found.start())} says "{cut(found[0])}", so no customer had a problem'
    text = "\n".join(passage.text for passage in passages)
    if len(text.split()) >= TOLD and not pattern(rf"\b(?:{words('people')}|{words('activities')})\b").search(text):
        return "the summary speaks of no customers, so whose problem the title should name, only the team knows"
    return ""


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
    behind = _next(document, passages)
    opening = {passage.line: passage for passage in (*read(lead(document)), *passages, *behind)}
    top = [document.title, *(f"{key}: {value}" for key, (value, _) in document.meta.items())]
    text = "\n".join([*(passage.text for passage in opening.values()), *top])
    ended = any(passage.role == Role.MITIGATION for passage in behind)
    absent = [part for part, found in _parts(document, text, ended=ended).items() if not found]
    if not absent or absent == [PURPOSE]:  # on the team's own site everybody knows what the service is for
        return MET
    if not named and passages and passages[0].role == Role.OTHER and not _under_title(document, passages[0]):
        heading = next(section.heading for section in document.sections if section.role == Role.OTHER)
        return cannot_tell(f'no section was recognised as a summary; "{cut(heading)}" may be it')
    long = (passage.line for passage in passages if len(passage.text.split()) >= LEAST_WORDS)
    line = next(long, passages[0].line if passages else document.title_line)
    everywhere = _parts(document, "\n".join([*(passage.text for passage in read(document.sections)), *top]))
    if everywhere[PURPOSE]:  # who reads on finds it, and who knows it does not miss it
        absent = [part for part in absent if part != PURPOSE]
    further = [part for part in absent if everywhere.get(part)]
    stands = "all of it stands" if len(further) == len(absent) > 1 else "it stands" if len(absent) == 1 else ""
    stands = stands or f"{enumerated(further)} {'stand' if len(further) > 1 else 'stands'}" if further else ""
    fix = f"Add one sentence for each part that is named{f'; {stands} further down already' if stands else ''}."
    return not_met(Mark(line, f"The summary does not say {enumerated(absent)}.", fix))


OPENING = frozenset({Role.SUMMARY, Role.CONTEXT, Role.IMPACT, Role.MITIGATION, Role.CAUSES, Role.BLAST_RADIUS})
"""Sections that together open a document, where none is called a summary."""


def _called_so(document: Document) -> bool:
    named = (section.heading for section in document.of(Role.SUMMARY))
    return any(re.search(r"\b(?:summary|abstract|overview|tl;?dr)\b", heading, re.IGNORECASE) for heading in named)


def _next(document: Document, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """List what plays a part of the summary under a heading of its own: right behind it, and short."""
    if not passages or sum(len(passage.text.split()) for passage in passages) > BRIEF:
        return ()
    last = max(passage.line for passage in passages)
    found: list[Section] = []
    for section in document.sections:
        if section.line <= last or not section.heading:
            continue
        if (
            section.role not in (OPENING - {Role.IMPACT} if _called_so(document) else OPENING)
            or len(section.text.split()) > BRIEF
        ):
            break
        found.append(section)
    return read(found)


def _under_title(document: Document, passage: Passage) -> bool:
    following = [
        section.line for section in document.sections if section.heading and section.line != document.title_line
    ]
    return not following or passage.line < min(following)


def _parts(document: Document, text: str, *, ended: bool = False) -> dict[str, bool]:
    told = re.sub(r"(?m)^(?:published|updated|last\w*|date|created|modified)\b[^:\n]*:.*$", " ", text)
    zone, clock = ZONE.search(text), pattern(CLOCK).search(told)
    dated = bool(DATE.search(text))
    when = "when it was (with the time zone)" if not clock else "the time zone of its times"
    moment = rf"(?:{CLOCK}|[0-2]\d[0-5]\d|\d{{4}}-\d\d-\d\d)"
    span = pattern(
        rf"{CLOCK}[^.\n]{{0,20}} ?(?:to|and|until|till|[-–—]) ?[^.\n]{{0,20}}{CLOCK}"
        rf"|\b(?:from|between)\b[^.\n]{{0,20}}\b{moment} (?:to|and|until|till|through) (?:[^.\n]{{0,20}}\b)?{moment}\b"
    )
    return {
        PURPOSE: (
            pattern(words("context")).search(text) is not None
            or re.search(DOES, text) is not None
            or bool(read(document.of(Role.CONTEXT)))
        ),
        when: dated if clock is None else zone is not None,
        "how many were affected": (
            counted(text) or pattern(rf"{words('unknown')}|\b{words('unhurt')}\b").search(text) is not None
        ),
        "how long it lasted": (
            any(lengths(text))
            or pattern(rf"\b{words('vague_time')}\b").search(text) is not None
            or span.search(text) is not None
        ),
        "why it happened": pattern(rf"\b{words('cause')}\b").search(text) is not None,
        "how it was resolved": pattern(rf"\b{words('resolution')}\b").search(text) is not None or ended,
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
