"""Whether a document asks why, how far it goes on asking, and where it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from companion.operations.postmortems.document import Document, Role, Why
from companion.operations.postmortems.reading.sections import plain
from companion.operations.postmortems.rules.evidence import (
    Sentence,
    absent,
    content,
    empty_section,
    filled,
    number,
    phrases,
    quote,
    said,
    sentences,
    shaped,
)
from companion.operations.postmortems.rules.outcome import MET, Check, Mark, Outcome, cannot_tell, not_met

DEEP = 3
"""Steps from what was seen towards what allowed it: whys in one chain, factors, or sentences that give a reason."""

SHORT = 10
"""Words of a last sentence that says nothing but who erred."""

LAST_WORD = 6
"""Words of a sentence of its own that closes an answer ("It is a legacy system."), whatever was said before it."""

LONG = 120
"""Words of an analysis without any word for a reason, from which on it is not called shallow but not understood."""


_BRANCH = re.compile(r"\b(?:branch|chain|strand|path|part)\s#?(\d{1,2}|[A-Z])\b", re.I)


def whys_missing(document: Document) -> Outcome:
    """Ask for depth: a chain of whys, contributing factors, or sentences that give reasons for reasons."""
    deepest = max((why.depth for why in document.whys), default=0)
    if deepest >= DEEP or len({why.branch for why in document.whys}) >= DEEP:
        return MET
    if empty := empty_section(document, Role.CAUSES):
        return not_met(Mark(empty.line, f"The section {quote(empty.heading)} says nothing of why it happened."))
    because = phrases("analysis", "because")
    told = [sentence for section in filled(document, Role.CAUSES) for sentence in said(section)]
    if not told and not document.whys:
        return _without_section(document, because)
    if _steps(document, told, because) + deepest >= DEEP:
        return MET
    if sum(len(sentence.text.split()) for sentence in told) >= LONG:
        return cannot_tell(f"line {told[0].line} tells of the causes at length, in words that give no reason")
    if deepest:
        first = document.whys[0]
        count = f"{deepest} question" + ("s" if deepest > 1 else "")
        return not_met(Mark(first.line, f"The chain of whys ends after {count}, at {quote(_last(document, first))}."))
    if (further := _reasons_further(document)) and len(further) + 1 >= DEEP:
        return cannot_tell(f"the cause is named on line {told[0].line}, and line {further[0].line} asks on elsewhere")
    return not_met(Mark(told[0].line, f"The cause is named, {_with_reason(told[0].text)}, and not asked further."))


def _reasons_further(document: Document) -> list[Sentence]:
    """List the sentences that give a reason where the problem was found and mended: some ask on there."""
    strong = re.compile(
        r"\b(?:because|due to|hence|thus|therefore|the reason|so that|as this|since (?:the|it|this))\b", re.I
    )
    told = sentences(document, Role.DIAGNOSIS, Role.MITIGATION)
    return [sentence for sentence in told if strong.search(sentence.text)]


def _with_reason(text: str) -> str:
    """Quote a cause with the reason that it gives, where that stands further on."""
    found = re.search(r"\b(?:because|due to|caused by|since (?:the|it))\b", text, re.I)
    if found is None or found.start() < 50:
        return quote(text)
    return f"{quote(text, 45)} {quote(text[found.start() :])}"


def _steps(document: Document, told: list[Sentence], because: re.Pattern[str]) -> int:
    """Count reasons: each sentence that gives one, each item of a list of factors, each factor with its own heading."""
    factors = {
        block.line: plain(block.text)
        for section in document.of(Role.CAUSES)
        for block in section.blocks
        if block.kind in ("item", "row") and len(block.text.split()) >= 4
    }
    headings = [section.heading for section in filled(document, Role.CAUSES) if not section.matched and section.heading]
    reasons = [sentence for sentence in told if because.search(sentence.text) and sentence.paragraph not in factors]
    return len(factors) + len({plain(heading) for heading in headings} - set(factors.values())) + len(reasons)


def _without_section(document: Document, because: re.Pattern[str]) -> Outcome:
    told = sentences(document, without=(Role.ACTIONS, Role.LESSONS, Role.TIMELINE, Role.WELL))
    reasons = [sentence for sentence in told if because.search(sentence.text)]
    if not reasons:
        return absent(document, because, Mark(None, "Nothing says why it happened."), "an analysis of causes")
    if len(reasons) >= DEEP or not shaped(document):
        return cannot_tell(f"no section on causes was recognised, though line {reasons[0].line} gives a reason")
    return not_met(Mark(reasons[0].line, f"The cause is named, {quote(reasons[0].text)}, and not asked further."))


def whys_numbered(document: Document) -> Outcome:
    """Ask for numbers at the whys, or at a list of factors, and for numbers that tell the branches apart."""
    if not document.whys:
        return _factors_numbered(document)
    bare = [why for why in document.whys if not why.number]
    if 2 * len(bare) > len(document.whys):
        count = f"{len(bare)} of {len(document.whys)} whys have" if len(bare) > 1 else "This why has"
        return not_met(Mark(bare[0].line, f"{count} no number, {quote(bare[0].question or bare[0].answer)} first."))
    seen: dict[str, Why] = {}
    for why in document.whys:
        first = seen.setdefault(why.number, why)
        if first is not why and first.branch != why.branch and not _told_apart(document):
            said_twice = f"Two branches have a why {why.number}, here and on line {first.line}."
            return not_met(Mark(why.line, said_twice, "Number the branches 1.1, 1.2 …, 2.1, 2.2 …."))
    return MET


def _told_apart(document: Document) -> bool:
    """Tell whether each branch stands below a label or heading with its own number: "Branch 2, the detection"."""
    causes = document.of(Role.CAUSES)
    names = [section.heading for section in causes] + [block.label for section in causes for block in section.blocks]
    named = {found[1] for name in names if (found := _BRANCH.search(name))}
    return len(named) >= len({why.branch for why in document.whys})


def _factors_numbered(document: Document) -> Outcome:
    """Judge a list of contributing factors where no chain was recognised: it is referred to in the same way.

    The first list is the one; what is listed below a heading of its own tells of one factor. Factors that come again as
    headings are referred to by those.
    """
    lists = [
        [block for block in section.blocks if block.kind == "item" and block.level <= 1 and not block.quoted]
        for section in document.of(Role.CAUSES)
    ]
    items = next((found for found in lists if len(found) >= DEEP), [])
    headings = {plain(section.heading) for section in document.of(Role.CAUSES)}
    if items and all(plain(block.text) in headings for block in items):
        return MET
    if len(items) < DEEP:
        return cannot_tell("neither a chain of whys nor a list of factors was recognised")
    if any(number(block.marker) for block in items):
        return MET
    return not_met(Mark(items[0].line, f"None of the {len(items)} factors has a number, {quote(items[0].text)} first."))


def whys_stop_early(document: Document) -> Outcome:
    """Look at what each chain ends with, and at sections on causes that name a person's error and go no further."""
    stop = phrases("analysis", "stop")
    ends = list(_ends(document))
    marks = [
        Mark(line, f"The chain ends at {quote(found[0])}.") for line, text in ends if (found := _stops(text, stop))
    ]
    told = [list(said(section)) for section in filled(document, Role.CAUSES)] if not ends else []
    for passage in told:
        for at, sentence in enumerate(passage):
            found = _stops(sentence.text, stop)
            last = at == len(passage) - 1 and len(sentence.text.split()) <= SHORT
            names_it = found and (last or _names_the_cause(sentence.text, found))
            if found and names_it and not _goes_on(passage[at + 1 :]):
                marks.append(Mark(sentence.line, f"The cause is said to be {quote(found[0])}, and nothing follows."))
    if not marks and not ends and not told:
        return cannot_tell("neither a chain of whys nor a section on causes was recognised")
    return not_met(*marks)


def _ends(document: Document) -> Iterator[tuple[int, str]]:
    chains: dict[str, list[Why]] = {}
    for why in document.whys:
        chains.setdefault(why.branch, []).append(why)
    for chain in chains.values():
        last = chain[-1]
        text = last.answer or last.question
        if text:
            yield last.line, text


def _last(document: Document, first: Why) -> str:
    chain = [why for why in document.whys if why.branch == first.branch]
    return chain[-1].answer or chain[-1].question


def _stops(text: str, stop: re.Pattern[str]) -> re.Match[str] | None:
    """Find an answer that stops at a person, at "process" or at old code, unless the rest goes on or denies it."""
    found = stop.search(text)
    if found is None or phrases("analysis", "denied").search(text[max(0, found.start() - 40) : found.start()]):
        return None
    *earlier, start = re.split(r"(?<=[.!?])\s+", text[: found.start()])
    if earlier and len((start + text[found.start() :]).split()) <= LAST_WORD:
        return found
    before = re.sub(r"^\W*because\b", "", text[: found.start()], flags=re.I)
    rest = f"{before} | {text[found.end() :]}"
    return None if phrases("analysis", "goes_on").search(rest) else found


def _names_the_cause(text: str, found: re.Match[str]) -> bool:
    """Tell a sentence that gives a cause from one that mentions an error on its way."""
    return phrases("analysis", "cause").search(text) is not None or len(found[0]) * 2 >= len(text.strip())


def _goes_on(following: list[Sentence]) -> bool:
    words = phrases("analysis", "goes_on")
    return any(words.search(sentence.text) for sentence in following)


def whys_first(document: Document) -> Outcome:
    """Look at the first why: it should ask about what customers saw, which the title says too."""
    if not document.whys:
        return cannot_tell("no chain of whys was recognised")
    first = document.whys[0]
    text = first.question or first.answer
    if phrases("analysis", "customer").search(text) or len(content(document.title) & content(text)) >= 2:
        return MET
    if inside := phrases("analysis", "inside").search(text):
        return not_met(
            Mark(first.line, f"The first why, {quote(text)}, begins inside the system, at {quote(inside[0])}.")
        )
    return cannot_tell(f"the first why, on line {first.line}, has no word for customers and none for parts of a system")


CHECKS: dict[str, Check] = {
    "whys-missing": whys_missing,
    "whys-numbered": whys_numbered,
    "whys-stop-early": whys_stop_early,
    "whys-first": whys_first,
}
