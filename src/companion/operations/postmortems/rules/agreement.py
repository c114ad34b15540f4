"""Whether a document agrees with itself: durations, waits, regions and dates against its own timeline."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import statistics
from collections.abc import Iterator

from companion.operations.postmortems.document import Document, Entry, Phase, Role
from companion.operations.postmortems.reading.moments import DATE, dates, leading
from companion.operations.postmortems.rules.moments import rounded, section_at, telling, timed
from companion.operations.postmortems.rules.outcome import Check, Mark, Outcome, cannot_tell, not_met
from companion.operations.postmortems.rules.passages import (
    CLOCK,
    Passage,
    cut,
    enumerated,
    pattern,
    read,
    summary,
    title,
)
from companion.operations.postmortems.rules.quantities import Length, lengths

REGION = re.compile(
    r"(?<![\w-])(?:us|eu|ap|sa|ca|me|af|il|cn|asia|europe|australia|northamerica|southamerica)-(?:gov-)?"
    r"(?:north|south|east|west|central){1,2}(?:-?\d{1,2})?(?![\w]*\.)",
    re.IGNORECASE,
)
HARM = (
    r"\b(?:outage|incident|downtime|unavailab\w+|unable|unreachable|inaccessible|disrupt\w+|degrad\w+|down|offline"
    r"|slow|fail\w*|errors?|impact\w*|affected|lasted|"
    r"could not|cannot|couldn['’]t|can['’]t|duration|did not work)\b"
)
SUPPOSED = (
    r"\b(?:could (?!not)|would|should|might|target|goal|objective|SLO|SLA|aim|if (?:we|the)|next time|from now"
    r"|last time|previous\w*|earlier incident|usual\w*"
    r"|typical\w*|normal\w*|on average|at most|at least|wait\w*|until now|in future)\b"
)
TELLS = re.compile(r"detect|notic|alerted|diagnos|took|takes|needed|roll|revert", re.IGNORECASE)
"""Without any of these, a text says nothing of how long a phase took."""

BOUND = r"(?:less than|under|up to|over|more than|just over|just under)"

DAY = r"(?<!\d)\d{4}-\d\d-\d\d"
"""A day that can be told with certainty."""

MOST = 50
"""Entries of a kind that are compared with each other; a timeline has some twenty in all."""

WAITS: dict[str, tuple[str, str, tuple[Phase, ...], tuple[Phase, ...]]] = {
    "detection": (
        r"(?:\bdetect(?:ion|ing)?|\bnoticing|\bto notice)[^.\d]{0,25}\b(?:took|takes?|was|of)(?: us)? $"
        r"|\btime to detect(?:ion)?\W+(?:was )?$"
        r"|\b(?:detected|noticed|alerted)(?: it| us)?(?: only)? after $",
        r"^ (?:for \w+ )?to (?:detect|notice)\b",
        (Phase.TRIGGER, Phase.IMPACT),
        (Phase.DETECTED,),
    ),
    "diagnosis": (
        r"\bdiagnos(?:is|ing)[^.\d]{0,25}\b(?:took|takes?)(?: us)? $|\btime to diagnos(?:e|is)\W+(?:was )?$",
        r"^ (?:for \w+ )?to (?:diagnose|(?:find|identify|understand) the (?:root )?cause)\b",
        (Phase.TRIGGER, Phase.IMPACT, Phase.DETECTED, Phase.ESCALATED),
        (Phase.DIAGNOSED,),
    ),
    "rollback": (
        r"\b(?:roll-?back|rolling back|reverting|revert)[^.\d]{0,25}\b(?:took|takes?)(?: us)? $",
        r"^ (?:for \w+ )?to (?:roll (?:it |this |the \w+ )?back|revert)\b",
        (Phase.DIAGNOSED, Phase.MITIGATING),
        (Phase.MITIGATING, Phase.RESOLVED),
    ),
}
"""For each wait: what stands before its length, or after it; where it may begin and end in the timeline."""


def contradiction(document: Document) -> Outcome:
    """Compare what can be told with certainty, in the order in which a reader would stumble."""
    days = list(_weekdays(document))
    if not document.timeline:
        return not_met(*days) if days else cannot_tell("there is no timeline to compare with")
    marks = [*_durations(document), *_waits(document), *_regions(document), *_years(document), *_order(document)]
    return not_met(*marks, *_other_days(document), *days)


# How long it lasted


def _durations(document: Document) -> Iterator[Mark]:
    begun, over = telling(document, Phase.IMPACT), telling(document, Phase.RESOLVED)
    told = list(_told(document))
    if not begun:
        clocks = {
            found[1].zfill(5)
            for passage in summary(document)
            for found in pattern(rf"\bfrom ({CLOCK})").finditer(passage.text)
        }
        begun = tuple(
            entry for entry in timed(document) if any(entry.clock.zfill(5).startswith(clock) for clock in clocks)
        )[:1]
    over = tuple(entry for entry in over if Phase.DETECTED not in entry.phases)
    if not begun or not over or begun[0].start == over[-1].start:
        return
    first, last = begun[0], next((entry for entry in over if _minutes(begun[0], entry) > 0), over[-1])
    # An entry before the first harm, or after the first recovery, may tell of them in words that are not known.
    entries = timed(document)
    starts = [*begun[:MOST], *(entry for entry in entries if _minutes(entry, begun[0]) >= 0)][:MOST]
    ends = [entry for entry in entries if _minutes(over[0], entry) >= 0][:MOST]
    possible = [span for start in starts for end in ends for span in _spans(start, end) if span > 0]
    if not possible:
        return
    grace = 5.0 if rounded(first) or rounded(last) else 0.0
    for where, line, found in told:
        if any(abs(length.minutes - span) <= max(2.0, length.grace, grace) for length in found for span in possible):
            continue
        said = cut(found[0].words)
        yield Mark(
            line,
            f'The {where} says "{said}"; in the timeline it is {_minutes(first, last):.0f} minutes '
            f"from the beginning ({first.clock}, line {first.line}) to the recovery ({last.clock}, line {last.line}).",
        )


def _told(document: Document) -> Iterator[tuple[str, int, list[Length]]]:
    """Give what title, top and summary say, each with one length of the whole; two different ones leave it open."""
    if document.title_line is not None and (found := list(_whole(document.title))):
        yield "title", document.title_line, found
    if "duration" in document.meta and (found := list(lengths(document.meta["duration"][0]))):
        yield "line on the duration", document.meta["duration"][1], found[:1]
    said = [
        (passage.line_at(begin), length)
        for passage in summary(document)
        for begin, sentence in passage.sentences()
        if pattern(HARM).search(sentence) and not pattern(SUPPOSED).search(sentence)
        for length in _whole(sentence)
    ]
    if said and len({length.minutes for _, length in said}) == 1:
        yield "summary", said[0][0], [said[0][1]]


def _whole(text: str) -> Iterator[Length]:
    """Find the lengths that stand for the whole: ``for 44 minutes``, ``44-minute outage``; no delays, no "every"."""
    for length in lengths(text):
        before, after = text[: length.start], text[length.start :][len(length.words) :]
        if re.match(BOUND, length.words, re.IGNORECASE) or pattern(
            r"\b(?:wait\w*|cached|retr\w+|pause\w*|slept|valid) for $"
        ).search(before):
            continue
        if pattern(
            r"(?:\bfor|\blast(?:ed|ing)?|\bduration(?: was|:)?|\b(?:duration|downtime|outage|total) of"
            r"|\bdown)(?: a total of| the)? $"
        ).search(before) or pattern(
            r"^[ -](?:long )?(?:\w+ )?(?:outage|incident|disruption|downtime|of (?:downtime|outage|unavailability"
            r"|errors))\b"
        ).search(after):
            yield length


def _minutes(start: Entry, end: Entry) -> float:
    return (end.start or 0.0) - (start.start or 0.0)


def _spans(start: Entry, end: Entry) -> Iterator[float]:
    for one, other in itertools.product((start.start, start.end), (end.start, end.end)):
        if one is not None and other is not None:
            yield other - one


# How long a phase of it took


def _waits(document: Document) -> Iterator[Mark]:
    seen = set()
    for passage in read(section for section in document.sections if section.role not in (Role.ACTIONS, Role.GLOSSARY)):
        if not TELLS.search(passage.text):
            continue
        for begin, sentence in passage.sentences():
            if pattern(SUPPOSED).search(sentence):
                continue
            for length in lengths(sentence):
                if re.match(BOUND, length.words, re.IGNORECASE):
                    continue
                for wait in WAITS:
                    if wait not in seen and (wrong := _wrong(document, wait, sentence, length)):
                        seen.add(wait)
                        yield Mark(passage.line_at(begin + length.start), wrong)


def _wrong(document: Document, wait: str, sentence: str, length: Length) -> str:
    before, after, starts, ends = WAITS[wait]
    rest = sentence[length.start + len(length.words) :]
    if not pattern(before).search(sentence[: length.start]) and not (
        pattern(after).search(rest)
        and pattern(r"\b(?:took|takes?|needed)(?: \w+){0,2} $").search(sentence[: length.start])
    ):
        return ""
    begun, over = telling(document, *starts), telling(document, *ends)
    # Any earlier entry may be what is counted from, whether or not its words say so.
    possible = timed(document) if wait != "rollback" else begun
    pairs = [(start, end) for start in possible[:MOST] for end in over[:MOST] if _minutes(start, end) >= 0]
    grace = max(2.0, length.grace, 5.0 if any(map(rounded, (*begun, *over))) else 0.0)
    if any(abs(length.minutes - span) <= grace for pair in pairs for span in _spans(*pair)):
        return ""
    known = over[:1] if wait == "detection" else over
    certain = [pair for pair in pairs if pair[0] in begun and pair[1] in known and _minutes(*pair) > 0]
    if not certain:
        return ""
    start, end = certain[0] if wait == "diagnosis" else certain[-1]
    return (
        f'"{cut(length.words)}" for the {wait} does not agree with the timeline: {_minutes(start, end):.0f} minutes '
        f"from {start.clock} (line {start.line}) to {end.clock} (line {end.line})."
    )


# Where it was


def _regions(document: Document) -> Iterator[Mark]:
    there = _named([Passage(entry.line, entry.text, Role.TIMELINE) for entry in document.timeline])
    places = [("title", _named(title(document))), ("summary", _named(summary(document))), ("timeline", there)]
    places = [(where, named) for where, named in places if named]
    for (where, one), (other, two) in itertools.pairwise(places):
        if not any(a.startswith(b) or b.startswith(a) for a in one for b in two):
            line = next(iter(one.values()))
            yield Mark(
                line,
                f"The {where} says {enumerated(one)}, the {other} says {enumerated(two)} (line "
                f"{next(iter(two.values()))}).",
            )
            return


def _named(passages: tuple[Passage, ...] | list[Passage]) -> dict[str, int]:
    named: dict[str, int] = {}
    for passage in passages:
        for found in REGION.finditer(passage.text):
            named.setdefault(found[0].lower(), passage.line_at(found.start()))
    return named


# When it was


def _years(document: Document) -> Iterator[Mark]:
    """Find entries whose year is a slip, and a heading whose day none of its entries has."""
    written = [(entry, day) for entry in document.timeline for day in dates(entry.clock)[:1]]
    if document.date is not None and len(written) < 3:
        for entry, day in written:
            years = round((day - document.date).days / 365.25)
            if years and abs((day - document.date).days - years * 365.25) < 3:
                yield Mark(
                    entry.line, f"The year of {day:%Y-%m-%d} does not fit the incident's day, {document.date:%Y-%m-%d}."
                )
                return
    if len(written) > 2:
        middle = dt.date.fromordinal(round(statistics.median_low([day.toordinal() for _, day in written])))
        for entry, day in written:
            if (
                abs((day - middle).days) > 180
                and abs((day + (middle.year - day.year) * dt.timedelta(days=365.25) - middle).days) < 40
            ):
                yield Mark(
                    entry.line, f"The year of {day:%Y-%m-%d} does not fit the entries around it ({middle:%Y-%m-%d})."
                )
                return
    lines = [section.line for section in document.sections]
    for section in document.of(Role.TIMELINE):
        days = [day for entry, day in written if section_at(lines, entry.line) == section.line]
        headed = dates(section.heading)
        if headed and days and all(abs((day - one).days) > 1 for day in days for one in headed) and len(headed) == 1:
            yield Mark(section.line, f"The heading says {headed[0]:%Y-%m-%d}, its first entry {days[0]:%Y-%m-%d}.")
            return


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?"
_OTHER_DATE = re.sub(r"[?]P([<=])", r"?P\1z", DATE.pattern)
_NAMED_DAY = re.compile(
    rf"\b(?P<before>{_WEEKDAY})\b\.?,?\s+(?:the\s+)?(?P<date>{DATE.pattern})|(?P<date2>{_OTHER_DATE})"
    rf",?\s*\(?(?P<after>{'|'.join(WEEKDAYS)})\b", re.IGNORECASE | re.VERBOSE,
)  # fmt: skip


def _weekdays(document: Document) -> Iterator[Mark]:
    """Find a day of the week that its date is not."""
    told = [*title(document), *read(document.sections)]
    told += [Passage(section.line, section.heading, section.role) for section in document.sections if section.heading]
    wrong: dict[tuple[int, str], Mark] = {}
    for passage in told:
        for found in _NAMED_DAY.finditer(passage.text):
            written = found["date"] or found["date2"]
            name = (found["before"] or found["after"]).lower()
            day = None if "/" in written[2:6] else next(iter(dates(written)), None)  # 05/04 may be either
            right = day and WEEKDAYS[day.weekday()]
            if day and right and not right.startswith(name.removesuffix("day")[:3]):
                line = passage.line_at(found.start())
                said = " ".join(found[0].split()).rstrip("(, ")
                wrong[line, right] = Mark(line, f'"{said}" is no such day: {day:%Y-%m-%d} was a {right.capitalize()}.')
    yield from (wrong[key] for key in sorted(wrong))


def _other_days(document: Document) -> Iterator[Mark]:
    """Find a moment of the top or the summary that stands in the timeline at the same clock, on another day."""
    top = [Passage(line, f"{key}: {value}", Role.SUMMARY) for key, (value, line) in document.meta.items() if line]
    entries = [entry for entry in timed(document) if entry.date is not None]
    for passage in (*summary(document), *top):
        for found in pattern(rf"({DAY}) ?(?:at |,|T)? ?({CLOCK})").finditer(passage.text):
            lead = leading(found[0])
            days = dates(found[1])
            if not days or lead is None or lead.clock is None or lead.clock.minutes is None:
                continue
            same = [entry for entry in entries if (entry.start or 0.0) % (24 * 60) == lead.clock.minutes]
            if len(same) == 1 and same[0].date and abs((same[0].date - days[0]).days) == 1:
                where = f"the timeline has {same[0].clock} on {same[0].date:%Y-%m-%d} (line {same[0].line})"
                line = passage.line_at(found.start())
                yield Mark(line, f'The summary says "{cut(found[0])}", {where}.')
                return


def _order(document: Document) -> Iterator[Mark]:
    """Find times that run back within a section; a list that runs back as a whole is told from its end."""
    lines = [section.line for section in document.sections]
    groups: dict[int, list[Entry]] = {}
    for entry in document.timeline:
        if entry.start is not None:
            groups.setdefault(section_at(lines, entry.line), []).append(entry)
    back = []
    for entries in groups.values():
        pairs = list(itertools.pairwise(entries))
        slips = [pair for pair in pairs if pair[0].zone == pair[1].zone and _minutes(*pair) < -2]
        if len(slips) * 2 < len(pairs) or (len(slips) == 1 and len(pairs) < 4):
            back += [pair for pair in slips if not any(map(rounded, pair))]
    if back:
        before, after = back[0]
        more = f" {len(back) - 1} more further down." if len(back) > 1 else ""
        yield Mark(
            after.line,
            f'"{after.clock}" stands after "{before.clock}" (line {before.line}): out of order, or a wrong time.{more}',
        )


CHECKS: dict[str, Check] = {"contradiction": contradiction}
"""Of the family `story`."""
