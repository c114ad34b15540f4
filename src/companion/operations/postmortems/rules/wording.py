"""The words and numbers of the story: vague amounts, missing units, unexplained letters, estimates without a ground."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from companion.operations.postmortems.document import Block, Document, Role
from companion.operations.postmortems.rules.outcome import Check, Mark, Outcome, cannot_tell, family, not_met
from companion.operations.postmortems.rules.passages import (
    NUMBER,
    Passage,
    cut,
    few,
    pattern,
    read,
    story,
    title,
    words,
)
from companion.operations.postmortems.rules.quantities import counted

NUMBERED = re.compile(
    r"(?<![\w.,:/#-])\d[\d.,]*\s?(?:%|per ?cent|ms|s\b|seconds?|minutes?|mins?|hours?|days?|x\b|[kKMGT]?i?B\b"
    r"|times\b|[a-z]+/s)"
)
MEASURED = re.compile(
    r"per ?cent\b|\d\s?(?:%|ms\b|milliseconds|[kKMGT]i?B\b|bytes|[a-z]+/s\b|rps\b|qps\b|[a-z]+ (?:per|a) (?:second"
    r"|minute|hour))"
)
UNIT_BEFORE = re.compile(
    r"\((?:ms|s|%|seconds|minutes|[kKMGT]i?B|percent)\)"
    r"|\bin (?:ms|milliseconds|seconds|minutes|per ?cent|%|[kKMGT]i?B)\b"
)
NUMBER_BESIDE = re.compile(
    r"[\s,:;(–—-]{1,3}(?:about|around|approximately|roughly|in all|namely|~)?\s?(?:NUM)".replace(
        "NUM", NUMBER.replace("/#-", "/#")
    )
)
PEOPLE = re.compile(
    r"\b(?:attend|particip|author|responder|contributor|reviewer|people|credit|thank|present)", re.IGNORECASE
)
SHOUTED = re.compile(r"[A-Z]{2,}")
ACRONYM = re.compile(r"(?<![\w./@#$&<{-])(?<!TL;)([A-Z][A-Z0-9]{1,5})(?:['’]?s)?(?![\w/&>}=(!-]|\.\w|:\w|;DR)")


MOST_ACRONYMS = 50
"""Of more than these, the rest is not counted."""


def vague(document: Document) -> Outcome:
    """Look for amounts in words, where a number would tell."""
    passages = story(document)
    if not passages:
        return cannot_tell("neither a summary nor a section on the impact was recognised")
    marks = [
        Mark(passage.line_at(place), f'"{cut(said)}" gives no amount.')
        for passage in passages
        for place, said in _vague(passage)
    ]
    return not_met(*few(marks, "vague amounts"))


def _vague(passage: Passage) -> Iterator[tuple[int, str]]:
    amounts = f"(?:{words('people')}|{words('demanded')})"
    who = pattern(
        rf"\b{words('vague')} (?:of )?(?:the |our |its |these |those )?(?:(?!and |or |to |in |of |for |the "
        rf"|a )[\w-]+ ){{0,2}}?{amounts}\b"
    )
    # "certain versions" are particular ones; of people it is an amount.
    particular = pattern(rf"\bcertain (?:[\w-]+ )?(?!{words('people')}\b)\w+")
    degree = pattern(
        rf"\b{words('vague_degree')} (?:(?!and |or |to |in |of |for )[\w-]+ )?{words('degree_of')}\b"
        rf"|\b{words('vague_adverb')} {words('adverb_of')}\b|\b{words('adverb_of')} {words('vague_adverb')}\b"
    )
    time = pattern(rf"\b{words('vague_time')}\b(?! (?:earlier|later|before|after|ago|sooner|too)\b)")
    measured = NUMBERED.search(passage.text) is not None or counted(passage.text)
    for begin, sentence in passage.sentences():
        found = [match for match in who.finditer(sentence) if not particular.match(match[0])]
        if any(
            NUMBER_BESIDE.match(sentence[match.end() :]) or counted(_without(sentence, match)) for match in found[:1]
        ):
            found = []
        if not measured:
            found += degree.finditer(sentence)
        if not NUMBERED.search(sentence):
            found += time.finditer(sentence)
        if found:
            first = min(found, key=lambda match: match.start())
            yield begin + first.start(), first[0]


def _without(sentence: str, match: re.Match[str]) -> str:
    return f"{sentence[: match.start()]} ; {sentence[match.end() :]}"


def units(document: Document) -> Outcome:
    """Look for a latency, a size or a rate whose number has no unit."""
    left = (Role.ACTIONS, Role.LESSONS, Role.GLOSSARY, Role.REVIEW, Role.COMMUNICATION)
    sections = [section for section in document.sections if section.role not in left]
    passages = read(sections)
    told = (*title(document), *passages)
    marks = [
        Mark(passage.line_at(place), f'"{cut(said)}" has no unit.')
        for passage in told
        for place, said in _unitless(passage.text)
    ]
    rows = [block for section in sections for block in section.blocks if block.kind == "row" and not block.quoted]
    marks += [
        Mark(row.line, f'"{cut(said)}" has no unit, neither in its row nor in the head of the table.')
        for row in rows
        for said in _bare_cells(row)
    ]
    if not marks and not any(_measured(passage.text) for passage in told):
        return cannot_tell("no number of a latency, a size or a rate was recognised")
    return not_met(*few(sorted(marks, key=lambda mark: mark.line or 0), "numbers without a unit"))


def _measured(text: str) -> bool:
    return MEASURED.search(text) is not None


@cache
def _metric() -> re.Pattern[str]:
    return pattern(
        rf"(?:\b(?<!limit\x20)(?<!pool\x20){words('metrics')}\b|^(?:figure|fig\.|graph|chart|plot|panel) ?\d*:?)"
        rf"[^.;:|\d\n]{{0,80}}?(?:\b{words('links')}|[~=:<>]) ?(?:about |around |nearly |almost |roughly )?({NUMBER})"
    )


def _unitless(text: str) -> Iterator[tuple[int, str]]:
    ends = pattern(
        r"(?: ?(?:$|[,;)!?]|[.:](?=\s|$)|\|)| (?:to|and|from|at|in|on|for|was|is|were|are|then|during|between"
        r"|after|before|while|when|which|but|by|or|until|within|as|with|against"
        r"|instead|compared|normally|usually|[–—-]|→|->)(?!\w))"
    )
    ranged = pattern(rf" ?(?:to|and|or|[–—-]|→|->) ?~?{NUMBER} ?(?:[a-zA-Zµ%°]|per\b)(?!o\b|nd\b|r\b)")
    if not re.search(r"\d", text):
        return
    for found in _metric().finditer(text):
        rest = text[found.end() :]
        if not ends.match(rest) or re.match(r"[:/-]\d|\.\d|\s+in\s+(?:\d|a\b|\w+\b(?=\s*(?:requests|calls)))", rest):
            continue
        if ranged.match(rest) and not re.match(
            r"\s*(?:to|and|or)\s+~?[\d.,]+\s+(?:for|at|in|on|over|during|between|throughout|while|until|and|from|after"
            r"|before|by)\b",
            rest,
        ):
            continue
        if found[1].strip("0.,") and not UNIT_BEFORE.search(found[0]):  # nothing is nothing in every unit
            yield found.start(), found[0]


def _bare_cells(row: Block) -> Iterator[str]:
    if len(row.cells) < 2 or not pattern(rf"\b{words('metrics')}\b").search(row.cells[0]):
        return
    unit = (
        r"\(.+\)|\bin (?:ms|s|%|seconds|minutes)|%|\b(?:ms|milliseconds|s|seconds|minutes|hours|[KMGT]i?B|bytes"
        r"|requests?|rps|qps|ratio|count|unit)\b"
    )
    for place, cell in enumerate(row.cells[1:], 1):
        head = row.head[place] if place < len(row.head) else ""
        if re.fullmatch(r"[~≈<>]?\s?\d[\d.,]*", cell.strip()) and not re.search(unit, f"{row.cells[0]} {head}"):
            yield f"{row.cells[0].strip()}: {cell.strip()}"
            return


def acronyms(document: Document) -> Outcome:
    """Look for letters that nobody spells out, neither where they first stand nor in a glossary."""
    passages = read(section for section in document.sections if not PEOPLE.search(section.heading))
    glossary = "\n".join(section.text for section in document.of(Role.GLOSSARY))
    first: dict[str, tuple[int, int]] = {}
    for place, passage in enumerate(passages):
        for found in ACRONYM.finditer(passage.text):
            if found[1] not in first and _unknown(found, passage):
                first[found[1]] = (place, passage.line_at(found.start()))
    marks = []
    for letters, (place, line) in list(first.items())[:MOST_ACRONYMS]:
        so_far = "\n".join(passage.text for passage in passages[: place + 1])
        near = "\n".join(passage.text for passage in passages[max(0, place - 1) : place + 1])
        if re.search(rf"\b{letters.capitalize()}(?![a-z])|\b{letters.lower()}\.\w+\.\w", document.source):
            continue  # a name that is written in capitals, too, or a host's
        if letters in glossary or _spelled_out(letters, so_far) or _initials(letters, near):
            continue
        later = next((more.line for more in passages[place + 1 :] if _spelled_out(letters, more.text)), None)
        when = f"not spelled out before line {later}" if later else "spelled out nowhere"
        marks.append(Mark(line, f'"{letters}" is {when}.'))
    return not_met(*few(sorted(marks, key=lambda mark: mark.line or 0), "acronyms"))


@cache
def _letters() -> frozenset[str]:
    return frozenset(family("story")["words"]["known"].split())


@cache
def _known() -> frozenset[str]:
    return _letters() | frozenset(family("story")["words"]["capitals"].split())


def _unknown(found: re.Match[str], passage: Passage) -> bool:
    letters = found[1]
    if letters in _known() or letters.rstrip("S") in _known() or sum(map(str.isalpha, letters)) < 2:
        return False
    if len(letters) == 2 and passage.role in (Role.TIMELINE, Role.ACTIONS, Role.REVIEW):
        return False  # the initials of a person
    # Initials have no plural and no article.
    thing = found[0].endswith("s") or passage.text[: found.start()].endswith((" the ", " all ", " a ", " an ", " our "))
    if (passage.role in (Role.ACTIONS, Role.REVIEW) and len(letters) == 3 and not thing) or re.search(r"\d\d", letters):
        return False
    if len(letters) > 3 and re.search(rf"\b{letters.lower()}\b", passage.text):
        return False  # a word that is said, and then shouted
    if not re.search(r"[a-z]{2,}\s", passage.text[max(0, found.start() - 200) : found.end() + 200]):
        return False  # a list of initials
    before, after = (
        passage.text[max(0, found.start() - 40) : found.start()],
        passage.text[found.end() : found.end() + 40],
    )
    around = before.split()[-1:] + after.split()[:1]
    beside = [word.strip(".,:;!?()*") for word in around]
    # Among capitals it is shouted, unless they are letters that are known.
    return not any(SHOUTED.fullmatch(word) and word not in _letters() for word in beside)


def _spelled_out(letters: str, text: str) -> bool:
    told = (
        rf"\w\W+\([^)]{{0,30}}\b{letters}\b[^)]{{0,30}}\)|\b{letters}s?\s*\([^)]*[a-z]{{2,}}[ -][^)]*[a-z]{{2,}}"
        rf"|\b{letters}s?\b,?\s+(?:is|are|stands for|means|short for|i\.e\.|that is)\s|\b{letters}\b\s*(?:[=:–—]"
        rf"|-\s)\s*\w+\s\w+"
        rf"|\b{letters}s?,\s+(?:the|our|an?|which|in full)\s"
    )
    return any(
        re.search(told, text[max(0, found.start() - 60) : found.end() + 120]) for found in re.finditer(letters, text)
    )


def _initials(letters: str, text: str) -> bool:
    """Tell whether the words whose initials they are stand in a text, as in "pod disruption budget" for PDB."""
    initials = r"\w*[\s-]+(?:of\s+|and\s+|the\s+|for\s+)?".join(letters)
    return (
        re.search(rf"\b{initials}\w*", text, re.IGNORECASE if len(letters) > 2 else 0) is not None and len(letters) > 1
    )


def estimates(document: Document) -> Outcome:
    """Look for numbers that are said to be estimated, with neither a ground nor a reason."""
    passages = {passage.line: passage for passage in (*story(document), *read(document.of(Role.METRICS)))}
    if not passages:
        return cannot_tell("no section was recognised as summary, impact or metrics")
    method, marks = pattern(rf"(?<!\w){words('method')}(?!\w)"), []
    told = [
        (passages[line], begin, sentence) for line in sorted(passages) for begin, sentence in passages[line].sentences()
    ]
    for (passage, begin, sentence), (after, _, following) in zip(told, [*told[1:], (None, 0, "")], strict=True):
        said = _estimate().search(sentence)
        # The ground may stand in the sentence that follows.
        if after is not None and after.role == passage.role:
            sentence = f"{sentence} {following}"
        if said and not method.search(sentence):
            marks.append(
                Mark(passage.line_at(begin + said.start()), f'"{cut(said[0])}" is an estimate without its ground.')
            )
    return not_met(*few(marks, "estimates"))


@cache
def _estimate() -> re.Pattern[str]:
    amount = f"(?:{words('people')}|{words('counted')})"
    stop = r"(?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|ms|[ap]m|UTC)\b"
    return pattern(
        rf"(?<![\w])(?:{words('estimated')}) ?(?:that |at |to be |as )?(?:the |our |some |about |around "
        rf"|roughly )?(?:[$€£] ?\d[\d.,]*[kKM]?\b"
        rf"|{NUMBER_AFTER_SIGN} ?(?:%|per ?cent)? ?(?:of )?"
        rf"(?:(?!{stop})[\w'’-]+ ){{0,3}}?{amount}\b|{NUMBER_AFTER_SIGN} ?(?:USD|EUR|GBP|dollars|euros?|pounds)\b)"
    )


NUMBER_AFTER_SIGN = NUMBER.replace(r"(?<![\w.,:/#-])", r"(?<![\w.,:/#])")

CHECKS: dict[str, Check] = {
    "vague-quantity": vague,
    "metrics-units": units,
    "acronym-undefined": acronyms,
    "estimate": estimates,
}
