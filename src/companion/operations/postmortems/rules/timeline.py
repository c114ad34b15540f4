"""When it happened: whether a timeline can be laid beside a log, and shows the spans that could have been shorter."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache

from companion.operations.postmortems.document import Document, Entry, Phase, Role
from companion.operations.postmortems.reading.moments import ZONE
from companion.operations.postmortems.rules.moments import rounded, telling, timed
from companion.operations.postmortems.rules.outcome import Check, Mark, Outcome, Severity, cannot_tell, family, not_met
from companion.operations.postmortems.rules.passages import CLOCK, cut, enumerated, few, pattern, read, story, words
from companion.operations.postmortems.rules.quantities import lengths

LONGEST = 15
"""Minutes between two entries that need no explanation."""

ROUNDING = 5
"""Minutes that a time may be off that is given as about."""

MOST = 60
"""Entries among which a stretch is looked for."""

TERSE = 4
"""Words of an entry's first line, below a heading with its time, which a reader sees as well as bold ones."""

LEAST_FOR_BOLD = 6
"""Entries from which on a reader has to search for the milestones."""

MILESTONES = (
    (Phase.DETECTED, "detection", "noticed"),
    (Phase.ESCALATED, "escalation", "called"),
    (Phase.RESOLVED, "resolution", "restored"),
)
"""Each with its name, and the list of words that may stand for it."""

ONE_ZONE = frozenset({"ja", "ko", "zh"})
"""Languages whose readers, but for few, share a clock."""

NO_TIMELINE = "no timeline was recognised"

SAME = {
    "Z": "UTC",
    "GMT": "UTC",
    "+00:00": "UTC",
    "+0000": "UTC",
    "UTC+0": "UTC",
    "PDT": "PT",
    "PST": "PT",
    "EDT": "ET",
    "EST": "ET",
}
"""Zones that are the same, or that are mixed up by everyone within one document."""

ROLES = (
    "everyone|here|channel|all|team|oncall|on-call|ops|sre|support|security|infra|platform|devops|dba|engineering|media|import|param|return|types?|"
    "override|deprecated|charset|latest|next|babel|angular|vue|dev|primary|secondary|bot"
)
HANDLE = re.compile(rf"(?<![\w./@`-])@(?!(?:{ROLES})\b)[A-Za-z][\w-]{{1,38}}(?:\.[\w-]+)*(?![\w/@])")
SPEAKER = re.compile(r"^\W{0,3}([A-Z]{2,3}|[A-Z]\.\s?[A-Z]\.)(?=:\s|\s(?:[a-z]+(?:s|ed))\b)")
LETTERS = frozenset({"IC", "IM", "OC", "TL", "EM", "PO", "CL", "PM", "DBA", "SRE", "NOC", "SOC", "MIM", "CS"})
"""Roles that are written as if they were initials."""

SURNAME = re.compile(r"(?<![\w.])([A-Z]\.\s?[A-ZÀ-Ý][a-zß-ÿ]{2,})\b")


def missing(document: Document) -> Outcome:
    """Ask for a timeline with times."""
    if len(document.timeline) > 1:
        return not_met()
    if sections := document.of(Role.TIMELINE):
        if any(section.blocks for section in sections):
            if document.timeline:
                return not_met(Mark(sections[0].line, "The timeline has one entry."))
            return cannot_tell(
                f'"{cut(sections[0].heading)}" was taken for the timeline, but no times were recognised in it'
            )
        return not_met(Mark(sections[0].line, "The timeline is empty."))
    clocks = sum(len(pattern(CLOCK).findall(passage.text)) for passage in read(document.sections))
    if clocks > 2:
        return cannot_tell("times stand in the prose, but no list of them was recognised as a timeline")
    return not_met(Mark(None, "There is no timeline."))


def zone(document: Document) -> Outcome:
    """Ask for one time zone."""
    entries = timed(document)
    if not entries:
        prose = "\n".join(passage.text for passage in read(document.sections))
        times = [found.end() for found in pattern(CLOCK).finditer(prose)]
        zoned = [end for end in times if ZONE.match(prose, end) or ZONE.match(prose, end + 1)]
        if len(times) > 1 and len(zoned) * 2 >= len(times):
            return not_met()
        return cannot_tell(NO_TIMELINE if not document.timeline else "no entry of the timeline has a time")
    zones: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.line):
        zones.setdefault(_plain_zone(entry.zone), []).append(entry)
    named = {name: few for name, few in zones.items() if name}
    if not named:
        said = next((passage for passage in read(document.sections) if ZONE.search(passage.text)), None)
        if said and re.search(r"\b(?:all|the|every)\b[^.\n]{0,30}\btimes?(?:stamps?)?\b", said.text, re.IGNORECASE):
            return not_met()
        if document.language in ONE_ZONE:
            return cannot_tell(f"no zone is named, and most who read `{document.language}` share one")
        more = f' Line {said.line} names "{cut(ZONE.search(said.text)[0])}".' if said else ""  # type: ignore[index]
        return not_met(
            Mark(
                entries[0].line,
                f'No time zone is given for the times of the timeline ("{cut(entries[0].clock)}").{more}',
            )
        )
    if len(named) > 1 and not any(
        set(re.split(r"\W+", name)) >= set(re.split(r"\W+", other)) for name, other in itertools.permutations(named, 2)
    ):
        (_, one), (_, two) = list(named.items())[:2]
        return not_met(
            Mark(
                two[0].line,
                f"The timeline mixes zones: {one[0].zone} (line {one[0].line}) and {two[0].zone} (line {two[0].line}).",
                "Convert all times to one zone.",
                Severity.WARNING,
            )
        )
    bare = zones.get("", [])
    first = min(entry.line for few in named.values() for entry in few)
    if bare and bare[0].line < first and len(bare) > len(entries) / 2:
        return not_met(
            Mark(bare[0].line, f"{len(bare)} of {len(entries)} times have no time zone.", severity=Severity.WARNING)
        )
    return not_met()


def _plain_zone(text: str) -> str:
    shown = (
        " ".join(text.replace(" ", "").split()).strip("()[]")
        if re.match(r"(?:UTC|GMT|[+-])", text.strip())
        else text.strip(" ()[]")
    )
    return SAME.get(shown, shown)


def trigger(document: Document) -> Outcome:
    """Ask whether the timeline begins before anybody noticed."""
    entries = timed(document)
    if not entries:
        return cannot_tell(NO_TIMELINE)
    first = entries[0]
    asked = re.search(
        r"\b(?:asks?|asked|wonders?)\b.*\b(?:deploy|change|release)", first.text, re.IGNORECASE | re.DOTALL
    )
    noticed = next((entry for entry in entries if entry.phases & {Phase.DETECTED, Phase.ESCALATED}), None)
    early = [
        entry
        for entry in telling(document, Phase.TRIGGER)
        if noticed is None or (entry.start or 0.0) <= (noticed.start or 0.0)
    ]
    if early and not asked:
        return not_met()
    if Phase.IMPACT in first.phases or re.search(
        r"\b(?:unknown|not known|no trigger|without a change)\b", first.text, re.IGNORECASE
    ):
        return not_met()
    fires = re.search(r"\b(?:alert|alarm|monitor)\w*\b.*\bfir(?:es|ed|ing)\b", first.text, re.IGNORECASE)
    if first.phases & {Phase.DETECTED, Phase.ESCALATED} or asked or fires:
        for passage in story(document):
            if outside := pattern(rf"\b{words('outside', 'timeline')}\b").search(passage.text):
                return cannot_tell(
                    f'line {passage.line_at(outside.start())} says "{cut(outside[0])}", so no change may have led to it'
                )
        said = cut(f"{first.clock} {first.text}")
        return not_met(
            Mark(first.line, f'The timeline begins when it was noticed ("{said}"), not with what set it off.')
        )
    if noticed is not None and not _told(first, "noticed"):
        return not_met()  # whatever it is, it comes before anybody noticed
    return cannot_tell(f'whether "{cut(first.text)}" set it off, its words do not tell')


def gap(document: Document) -> Outcome:
    """Look for long silences while something was broken."""
    entries = timed(document)
    harmed = next((entry for entry in entries if entry.phases & {Phase.IMPACT, Phase.DETECTED}), None)
    harmed = harmed or next((entry for entry in entries if _told(entry, "noticed")), None)
    if harmed is None:
        return cannot_tell(NO_TIMELINE if not entries else "no entry was recognised as the first harm")
    over = _restored(tuple(entry for entry in entries if (entry.start or 0.0) >= (harmed.start or 0.0)))
    if over is None:
        return cannot_tell("no entry was recognised as the restoration")
    untimed = {
        entry.line
        for entry in document.timeline
        if (entry.start is None and entry.clock and entry.date is None) or "?" in entry.clock
    }
    marks: list[tuple[float, Mark]] = []
    unseen = _unnoticed(document, entries)
    for before, after, length in _silences(entries):
        broken = (harmed.start or 0.0) <= (before.start or 0.0) and (after.start or 0.0) <= (over.start or 0.0)
        restored = Phase.RESOLVED in before.phases or _told(before, "over")
        if not broken or restored or _explained(before, after, length):
            continue
        if any(before.line < line < after.line for line in untimed):
            continue
        if any(begun <= (before.start or 0.0) and (after.start or 0.0) <= ended for begun, ended in unseen):
            continue
        said = cut(f"{before.clock} {before.text}", 40)
        message = f'{_span(length)} without a word between "{said}" (line {before.line}) and {after.clock}.'
        marks.append((-length, Mark(after.line, message)))
    longest = [mark for _, mark in sorted(marks, key=lambda pair: pair[0])]
    return not_met(*few(longest, "shorter gaps", where=""))


def _unnoticed(document: Document, entries: tuple[Entry, ...]) -> list[tuple[float, float]]:
    """List the stretches of which the text says how long nobody noticed: between two entries that far apart."""
    found = []
    for passage in read(section for section in document.sections if section.role is not Role.TIMELINE):
        for _, sentence in passage.sentences():
            if not pattern(rf"\b{words('unseen', 'timeline')}\b").search(sentence):
                continue
            found += [
                ((one.start or 0.0), (other.start or 0.0))
                for length in lengths(sentence)
                for one, other in itertools.combinations(entries[:MOST], 2)
                if abs((other.start or 0.0) - (one.start or 0.0) - length.minutes) <= ROUNDING
            ]
    return found


def _silences(entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, Entry, float]]:
    """Give the neighbours between which more than a quarter of an hour passes, that no range spans."""
    until = 0.0
    for before, after in itertools.pairwise(entries):
        until = max(until, before.start or 0.0, before.end or 0.0)
        length = (after.start or 0.0) - until
        if length > LONGEST + (ROUNDING if rounded(before) or rounded(after) else 0):
            yield before, after, length


def _span(minutes: float) -> str:
    return (
        f"{minutes:.0f} minutes"
        if minutes < 180
        else f"{minutes / 60:.0f} hours"
        if minutes < 2880
        else f"{minutes / 1440:.0f} days"
    )


def _restored(entries: tuple[Entry, ...]) -> Entry | None:
    """Find the restoration: the first, or a later one if customers were hurt again between them."""
    over: Entry | None = None
    again = True
    for entry in entries:
        if Phase.RESOLVED in entry.phases and Phase.DETECTED in entry.phases:
            continue  # an alert that went away, and may come again
        if again and (Phase.RESOLVED in entry.phases or _told(entry, "over")):
            over, again = entry, False
        elif over is not None and entry.phases & {Phase.IMPACT, Phase.DETECTED} and Phase.RESOLVED not in entry.phases:
            again = True
    over = over or next((entry for entry in reversed(entries) if _told(entry, "restored")), None)
    # Where none is recognised, it lasted until the last repair at least.
    return over or next((entry for entry in reversed(entries) if Phase.MITIGATING in entry.phases), None)


def _told(entry: Entry, kind: str) -> bool:
    """Tell whether an entry has a word that may stand for a milestone, though it does not have to."""
    return pattern(rf"\b{words(kind, 'timeline')}\b").search(entry.text) is not None


def _explained(before: Entry, after: Entry, length: float) -> bool:
    """Ask whether an entry says why the next comes late: a longer silence needs more than that work goes on."""
    kinds = [("waits", before), ("since", after)]
    if length <= LONGEST * 4:
        kinds += [("works", before), ("lately", after)]
    return any(_told(entry, kind) for kind, entry in kinds)


def names(document: Document) -> Outcome:
    """Look for people where roles would do."""
    if not document.timeline:
        return cannot_tell(NO_TIMELINE)
    found: dict[str, int] = {}
    owners = frozenset(word.lower() for action in document.actions for word in _person(action.owner))
    for entry in document.timeline:
        for name in _named(entry.text, owners):
            found.setdefault(name, entry.line)
    if not found:
        return not_met()
    shown = enumerated([f'"{name}"' for name in list(found)[:3]])
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return not_met(
        Mark(
            min(found.values()),
            f"The timeline names {len(found)} {'person' if len(found) == 1 else 'people'}: {shown}{more}.",
        )
    )


def _person(owner: str) -> list[str]:
    """Give the words of an owner who is a person, by the look of it."""
    said = [word for word in re.findall(r"[^\W\d_]+", owner) if word[0].isupper()]
    return said if 1 < len(said) <= 3 and said[0].lower() in _names() else []


@cache
def _names() -> frozenset[str]:
    return frozenset(family("timeline")["words"]["names"].split())


def _named(text: str, owners: frozenset[str]) -> Iterator[str]:
    text = re.sub(r"`[^`]*`|https?://\S+|\S+@\S+\.\w+|“[^”]*”|\"[^\"]*\"", " ", text)
    yield from (found[0] for found in HANDLE.finditer(text))
    yield from (found[1] for found in SURNAME.finditer(text))
    if (found := SPEAKER.match(text)) and found[1] not in LETTERS | frozenset(
        family("story")["words"]["known"].split()
    ):
        yield found[1]
    for word in re.finditer(r"(?<![\w@./-])([A-ZÀ-Ý][^\W\d_]+)(?:['’]s)?(?: ([A-ZÀ-Ý][\w.]*))?(?![\w/-])", text):
        given = word[1]
        if given[0].isupper() and not given.isupper() and (given.lower() in _names() or given.lower() in owners):
            yield given


def milestones(document: Document) -> Outcome:
    """Ask for detection, escalation and resolution, where the eye finds them."""
    if not document.timeline:
        return cannot_tell(NO_TIMELINE)
    told = frozenset[Phase]().union(*(entry.phases for entry in document.timeline))
    if not told:
        return cannot_tell("no entry of the timeline has a word that tells a phase")
    absent = [name for phase, name, loose in MILESTONES
              if phase not in told and not any(_told(entry, loose) for entry in document.timeline)]  # fmt: skip
    line = document.timeline[0].line
    if absent:
        return not_met(
            Mark(line, f"No entry of the timeline was recognised as {enumerated(absent).replace(' and ', ' or ')}.")
        )
    blocks = [block for section in document.of(Role.TIMELINE) for block in section.blocks]
    headed = {block.line for block in blocks if block.kind == "heading"} | {each.line for each in document.sections}
    of_headings = all(entry.line in headed for entry in document.timeline) and any(
        entry.phases and len(entry.text.split("\n")[0].split()) <= TERSE for entry in document.timeline
    )
    plain = not of_headings and not any(entry.strong for entry in document.timeline)
    if len(document.timeline) >= LEAST_FOR_BOLD and plain:
        return not_met(
            Mark(
                line,
                f"No milestone stands out among {len(document.timeline)} entries: none is bold.",
                severity=Severity.WARNING,
            )
        )
    return not_met()


CHECKS: dict[str, Check] = {
    "time-zone": zone,
    "timeline-missing": missing,
    "timeline-trigger": trigger,
    "timeline-gap": gap,
    "timeline-names": names,
    "timeline-milestones": milestones,
}
