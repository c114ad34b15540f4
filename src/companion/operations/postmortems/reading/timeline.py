"""The entries of a timeline, whatever they are: rows, items, headings, or lines of a paragraph.

Times in code and in quotations are other people's, and no entries. Midnight may pass without a word.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from companion.operations.postmortems.document import Block, Entry, Phase, Role, Section
from companion.operations.postmortems.reading.moments import DATE, Lead, as_date, leading, numbers, zone_in
from companion.operations.postmortems.reading.sections import plain, words_of

_TIMES = {"time", "times", "when", "timestamp", "date", "date time", "start", "utc", "clock", "zeit", "heure", "hora"}
_WHEN = re.compile(
    rf"\b(?:before|after|earlier|later|then|next|previous\w*|following|morning|noon|afternoon|evening|night|midnight"
    rf"|day|days|week|weeks|month|months|year|years)\b|{DATE.pattern}", re.I | re.X,
)  # fmt: skip
DAY = 24 * 60

LONGEST = 2_000
"""Characters of an entry by whose words a phase is told."""


@dataclass(frozen=True)
class _Raw:
    """An entry as it stands in the text."""

    line: int
    lead: Lead
    text: str
    strong: bool
    zone: str = ""


def timeline_of(sections: Sequence[Section], day: dt.date | None, zone: str) -> tuple[Entry, ...]:
    """Read the timeline.

    Parameters
    ----------
    sections
        The document's; those taken for a timeline are read, in their order.
    day
        The day of the incident, if it is known.
    zone
        The zone that the top of the document names; a section, a column or an entry may name another.
    """
    found: list[Entry] = []
    for section in sections:  # a section below another one has its zone
        if section.role is Role.TIMELINE:
            first = next((entry.date for entry in found), None)
            heads = [entry.date for entry in found if entry.start is None and entry.date]  # "### October 24"
            zone = _zone_of(section) or zone
            found += _placed(list(_raw(section)), heads[-1] if heads else day, zone, first)
    return tuple(_joined(found))


def _joined(entries: list[Entry]) -> list[Entry]:
    """Leave out a second list ("Key events") that repeats the first."""
    said: set[tuple[float | None, str]] = set()
    kept = []
    for entry in entries:
        key = (entry.start, plain(entry.text))
        if key not in said or entry.start is None:
            kept.append(entry)
        said.add(key)
    return kept


def _zone_of(section: Section) -> str:
    kinds = ("paragraph", "html", "item")
    said = [block.text for block in section.blocks if block.kind in kinds and not _has_clock(block.text)]
    heads = [cell for block in section.blocks[:40] for cell in block.head]
    return next(filter(None, map(zone_in, [section.heading, *said[:4], *heads])), "")


def _has_clock(line: str) -> bool:
    return (lead := leading(line)) is not None and lead.clock is not None


def _raw(section: Section) -> Iterator[_Raw]:
    waiting: _Raw | None = None  # an entry whose words follow it
    level = _level(section)
    for block in section.blocks:
        if block.kind == "code" or block.quoted:
            continue
        found = list(_of_row(block) if block.kind == "row" else _of_lines(block))
        if (
            not found
            and block.kind == "item"
            and block.level == level
            and (not block.label or _WHEN.search(block.label))
        ):
            found = [_without_clock(block)]
        if not found:
            if waiting is not None and block.kind != "heading":
                text = f"{waiting.text}\n{block.text}".strip()
                waiting = replace(waiting, text=text, strong=waiting.strong or block.strong)
            continue
        for one in found:
            if waiting is not None:
                yield waiting
            waiting = one
    if waiting is not None:
        yield waiting


def _level(section: Section) -> int:
    """Tell how deep the items are that begin with a time: one beside them that does not is an entry all the same."""
    items = [block for block in section.blocks if block.kind == "item" and not block.quoted]
    timed = [block.level for block in items if _has_clock(block.text) or _dated(block)]
    return min(timed) if len(timed) > 1 else 0


def _dated(block: Block) -> Lead | None:
    """Give what an item begins with that gives a day, its year too, and tells what happened on it."""
    lead = leading(block.text)
    told = lead is not None and lead.date is not None and lead.clock is None and not _only_date(lead, block)
    return lead if told and lead and lead.date and lead.date[0] is not None else None


def _without_clock(block: Block) -> _Raw:
    """Make an entry of "Before the incident: ...", which has a place among the others and no time."""
    when, rest = block.label, block.text[len(block.label) :].lstrip(" :\n")
    if not when and (dated := _dated(block)):
        return _Raw(block.line, dated, dated.rest, block.strong)
    found = DATE.search(when)
    lead = Lead(None, None, numbers(found) if found else None, "", rest, when)
    return _Raw(block.line, lead, rest, block.strong)


def _of_row(block: Block) -> Iterator[_Raw]:
    heads = [plain(cell) for cell in block.head]
    places = [n for n, cell in enumerate(block.cells) if n < len(heads) and (heads[n] in _TIMES or "time" in heads[n])]
    for place in [*places, *range(min(2, len(block.cells)))]:
        day = block.cells[0] if place == 1 and heads[:1] == ["date"] else ""
        if place < len(block.cells) and (lead := leading(f"{day} {block.cells[place]}".strip())) and lead.clock:
            rest = [cell for n, cell in enumerate(block.cells) if n != place and cell and not (day and n == 0)]
            second = leading(rest[0]) if rest and len(places) > 1 else None  # a column "end" beside "start"
            if second and second.clock and not second.rest:
                lead, rest = replace(lead, until=second.clock), rest[1:]
            rest = [cell for cell in rest if not ((other := leading(cell)) and other.clock and not other.rest)]
            text = " | ".join(filter(None, [lead.rest, *rest]))
            zone = zone_in(block.head[place]) if place < len(block.head) else ""
            yield _Raw(block.line, lead, text, block.strong, zone)
            return
    if block.cells and (lead := leading(block.cells[0])) and not lead.rest:  # a row that only changes the date
        yield _Raw(block.line, lead, " | ".join(block.cells[1:]), block.strong)


def _of_lines(block: Block) -> Iterator[_Raw]:
    now: _Raw | None = None
    for offset, line in enumerate(block.text.split("\n")):
        lead = leading(line)
        if lead and (lead.clock or _only_date(lead, block)):
            if now is not None:
                yield now
            now = _Raw(block.line + offset, lead, lead.rest, block.strong)
        elif now is not None:
            now = replace(now, text=f"{now.text}\n{line}".strip())
    if now is not None:
        yield now


def _only_date(lead: Lead, block: Block) -> bool:
    """Tell a line that gives the day of what follows."""
    return lead.date is not None and (block.kind == "heading" or not lead.rest or lead.rest.startswith("("))


def _placed(raw: list[_Raw], day: dt.date | None, zone: str, first: dt.date | None) -> Iterator[Entry]:
    """Put entries on one axis of minutes, which begins on the `first` day, with the days between them."""
    today, last = day, None
    shift = float(DAY * (day - first).days) if day and first else 0.0
    for one in raw:
        lead = one.lead
        given = None
        if lead.date and (given := as_date(lead.date, (today or day or dt.date(2024, 1, 1)).year)):
            if today is not None and first is not None and lead.date[0] is None and (given - today).days < -300:
                given = given.replace(year=given.year + 1)  # the first of January
            if first is None or today is None or abs((given - today).days) < 180:  # else the year is a slip
                today = given
                first = first or given
                shift = DAY * (given - first).days
        if lead.clock is None:
            if not lead.date or (one.text and not _only_a_zone(one.text)):
                yield Entry(one.line, lead.text, None, None, given, "", one.text, one.strong, phases_of(one.text))
            last = None if lead.date else last
            continue
        start = None if lead.clock.minutes is None else lead.clock.minutes + shift
        if start is not None and not lead.date and last is not None and last - start > DAY / 2:
            shift += DAY  # midnight has passed
            start += DAY
            today = today + dt.timedelta(days=1) if today else None
        first = first or today
        last = start if start is not None else last
        yield Entry(
            line=one.line, clock=lead.text, start=start, end=_end(lead, start, shift), date=given or today,
            zone=lead.zone or one.zone or zone, text=one.text, strong=one.strong, phases=phases_of(one.text),
        )  # fmt: skip


def _only_a_zone(text: str) -> bool:
    return len(text) < 40 and bool(zone_in(text))


def _end(lead: Lead, start: float | None, shift: float) -> float | None:
    if lead.until is None or lead.until.minutes is None:
        return None
    end = lead.until.minutes + shift
    return end + DAY if start is not None and end < start - 1 else end


# What an entry tells


@cache
def _phases() -> dict[Phase, re.Pattern[str]]:
    listed = words_of("phases.yaml")
    return {Phase(name): re.compile("|".join(rf"(?:{words})" for words in few), re.I) for name, few in listed.items()}


_LABELS = {
    "trigger": Phase.TRIGGER,
    "start": Phase.TRIGGER,
    "start of incident": Phase.TRIGGER,
    "cause": Phase.TRIGGER,
    "impact": Phase.IMPACT,
    "impact begins": Phase.IMPACT,
    "customer impact begins": Phase.IMPACT,
    "impact starts": Phase.IMPACT,
    "outage begins": Phase.IMPACT,
    "start of outage": Phase.IMPACT,
    "detection": Phase.DETECTED,
    "detected": Phase.DETECTED,
    "alert": Phase.DETECTED,
    "escalation": Phase.ESCALATED,
    "escalated": Phase.ESCALATED,
    "diagnosis": Phase.DIAGNOSED,
    "diagnosed": Phase.DIAGNOSED,
    "identified": Phase.DIAGNOSED,
    "cause found": Phase.DIAGNOSED,
    "mitigation": Phase.MITIGATING,
    "mitigated": Phase.MITIGATING,
    "rollback": Phase.MITIGATING,
    "fix": Phase.MITIGATING,
    "resolution": Phase.RESOLVED,
    "resolved": Phase.RESOLVED,
    "recovery": Phase.RESOLVED,
    "end of outage": Phase.RESOLVED,
    "recovered": Phase.RESOLVED,
    "restored": Phase.RESOLVED,
    "end": Phase.RESOLVED,
    "impact ends": Phase.RESOLVED,
}
"""What a writer calls a milestone: then it is this phase, and no other."""


def phases_of(text: str) -> frozenset[Phase]:
    """Tell what an entry is about: by the milestone that it names first or last, or else by its words.

    An entry may be several things, or none.
    """
    text = text[:LONGEST]
    lead = re.match(r"\W{0,8}([A-Za-z ]{3,24})(?:\)|:|\s[–—-]\s)|\W{0,8}([A-Z]{3,24}(?: [A-Z]{1,24}){0,3})\b", text)
    tail = re.search(r"[(\[<]([A-Za-z ]{3,24})[)\]>]\W*$", text[-60:])
    for found in filter(None, (lead, tail)):
        named = _LABELS.get(plain(next(filter(None, found.groups()))))
        if named:
            return frozenset({named})
    return frozenset(phase for phase, pattern in _phases().items() if pattern.search(text))
