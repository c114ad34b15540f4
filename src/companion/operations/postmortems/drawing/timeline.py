"""The incident as a picture: how long each phase took, what happened when, and every entry in words below."""

from __future__ import annotations

from collections.abc import Sequence

from companion.figures.data import as_csv
from companion.operations.postmortems.document import Document, Entry, Phase, PostmortemError
from companion.operations.postmortems.drawing.as_svg import as_svg
from companion.operations.postmortems.drawing.axis import Axis, axis, clock, pills
from companion.operations.postmortems.drawing.scene import Box, Scene, Stroke, Words, block, plain, width_of, wrapped
from companion.operations.postmortems.phases import Phases, lasting, phases, told

WIDTH, MARGIN = 880.0, 22.0
LEFT, RIGHT = 160.0, 768.0
"""Where the bars begin and end: their names stand before, their lengths behind."""

ROW = 27.0
TEXT, SMALL = 13.0, 11.0
MOST = 200
"""Entries that are drawn; so many no one reads in a picture."""

Shapes = list[Box | Stroke | Words]


def draw_timeline(document: Document) -> str:
    """Draw the incident as SVG.

    Raises
    ------
    PostmortemError
        If the document has no timeline that was recognised.
    """
    return as_svg(lay_out_timeline(document))


def lay_out_timeline(document: Document) -> Scene:
    """Place all that the picture of the incident holds.

    Raises
    ------
    PostmortemError
        If the document has no timeline that was recognised.
    """
    if not document.timeline:
        raise PostmortemError(f"{document.path}: no timeline was recognised, so there is nothing to draw")
    found = phases(document)
    finding = told(found) or "The timeline does not say when it was detected, diagnosed and over"
    entries = in_order(document.timeline)
    shapes: Shapes = []
    words, y = block(wrapped(document.title or document.path, WIDTH - 2 * MARGIN, 17, bold=True, most=3), MARGIN,
                     MARGIN - 6, 17, bold=True)  # fmt: skip
    shapes += words
    words, y = block(wrapped(f"{finding}.", WIDTH - 2 * MARGIN, TEXT), MARGIN, y + 4)
    shapes += words
    moments = [minute for entry in entries for minute in (entry.start, entry.end) if minute is not None]
    if moments:
        along = axis(moments, LEFT, RIGHT)
        drawn, y = _bars(found, along, y + 16)
        shapes += drawn
        drawn, y = _marks(entries, along, y, _zone(document))
        shapes += drawn
    tags = tags_of(entries, found)
    drawn, y = _listed(entries[:MOST], tags, y + 12)
    shapes += drawn
    if len(entries) > MOST:
        more, y = block([f"… and {len(entries) - MOST:,} more entries"], MARGIN, y + 4, italic=True)
        shapes += more
    return Scene(WIDTH, round(y + MARGIN - 4), finding, _alt(document, entries, tags, finding), tuple(shapes),
                 _csv(entries, tags))  # fmt: skip


def in_order(timeline: Sequence[Entry]) -> list[Entry]:
    """Sort the entries by time; one without a time follows the one above it on the page."""
    last, keys = float("-inf"), []
    for entry in timeline:
        last = entry.start if entry.start is not None else last
        keys.append(last)
    return [
        entry for _, _, entry in sorted(zip(keys, range(len(keys)), timeline, strict=True), key=lambda key: key[:2])
    ]


def tags_of(entries: Sequence[Entry], found: Phases) -> list[str]:
    """Say of each entry which moment of the phases it gives; one whose words merely sound like it has no tag."""
    moments: dict[Phase, float | None] = {
        Phase.TRIGGER: found.trigger, Phase.IMPACT: found.impact, Phase.DETECTED: found.detected,
        Phase.DIAGNOSED: found.diagnosed, Phase.RESOLVED: found.restored,
    }  # fmt: skip
    told = set[Phase]()
    tags = []
    for entry in entries:
        own = [
            phase
            for phase in Phase
            if phase in entry.phases
            and phase not in told
            and (phase not in moments or (moments[phase] is not None and moments[phase] in (entry.start, entry.end)))
        ]
        told.update(own)
        tags.append(", ".join("restored" if phase is Phase.RESOLVED else phase.value for phase in own))
    return tags


def _zone(document: Document) -> str:
    zones = {entry.zone for entry in document.timeline if entry.zone}
    return zones.pop() if len(zones) == 1 else ""


# ------------------------------------------------------------------------------------------------------------- bars


def _bars(found: Phases, along: Axis, y: float) -> tuple[Shapes, float]:
    """Draw a bar for each phase below the other, and one for what customers felt."""
    shapes: Shapes = []
    rows = [
        ("to detect", "detect", found.begin, found.detected, "no entry tells when it was detected"),
        ("to diagnose", "diagnose", found.detected, found.diagnosed, "no entry tells when the cause was known"),
        ("to restore", "restore", found.diagnosed, found.restored, "no entry tells when it was over"),
        ("customers affected", "impact", found.impact, found.restored, "no entry tells when customers first felt it"),
    ]
    if found.diagnosed is None and found.detected is not None and found.restored is not None:
        rows[2] = ("to restore", "restore", found.detected, found.restored, "")
    bottom = y + ROW * len(rows)
    for moment in (found.trigger, found.impact, found.detected, found.diagnosed, found.restored):
        if moment is not None:
            shapes.append(Stroke(((along.place(moment), y), (along.place(moment), bottom + 8)), "guide"))
    for name, kind, start, end, unknown in rows:
        middle = y + ROW / 2 + TEXT * 0.36
        shapes.append(Words(LEFT - 10, middle, name, TEXT, anchor="end"))
        if start is not None and end is not None and start <= end:
            left, right = along.place(start), along.place(end)
            width = max(3.0, right - left)
            shapes.append(Box(left, y + 5, width, ROW - 10, kind))
            shapes.append(Words(left + width + 7, middle, lasting(end - start), TEXT, bold=True))
        elif kind == "impact" and start is not None:
            left = along.place(start)
            shapes.append(Box(left, y + 5, max(3.0, RIGHT - left), ROW - 10, "open"))
            shapes.append(Words(RIGHT + 7, middle, "end unknown", SMALL, italic=True))
        else:
            shapes.append(Words(LEFT + 4, middle, unknown or "unknown", TEXT, italic=True))
        y += ROW
    return shapes, y


def _marks(entries: Sequence[Entry], along: Axis, y: float, zone: str) -> tuple[Shapes, float]:
    """Draw the axis, with the entries' numbers above and the time below."""
    shapes: Shapes = []
    line = y + 40
    timed = [(n, along.place(entry.start)) for n, entry in enumerate(entries, 1) if entry.start is not None]
    for x, width, words in pills(timed, SMALL):
        shapes.append(Stroke(((x, y + 28), (x, line)), "line"))
        shapes.append(Box(x - width / 2, y + 10, width, 18, "pill", 9))
        shapes.append(Words(x, y + 23, words, SMALL, bold=True, anchor="middle"))
    shapes.append(Stroke(((LEFT, line), (RIGHT, line)), "axis"))
    for start, end in along.cuts:
        x = (along.place(start) + along.place(end)) / 2
        for shift in (-3, 3):
            shapes.append(Stroke(((x + shift - 3, line + 6), (x + shift + 3, line - 6)), "axis"))
    for x, text, cut in along.labels(SMALL):
        if not cut:
            shapes.append(Stroke(((x, line), (x, line + 5)), "axis"))
        shapes.append(Words(x, line + 18, text, SMALL, italic=cut, anchor="middle"))
    if zone:
        fitting = wrapped(zone, RIGHT, SMALL, most=1)[0][:14]
        shapes.append(Words(MARGIN, line + 18, fitting, SMALL, italic=True))
    return shapes, line + 24


# ---------------------------------------------------------------------------------------------------------- in words


def _listed(entries: Sequence[Entry], tags: Sequence[str], y: float) -> tuple[Shapes, float]:
    """Set the entries below each other: number, time, what they tell of, words."""
    shapes: Shapes = []
    clocks = [wrapped(_when(entry), 130, TEXT, most=2) for entry in entries]
    column = MARGIN + 44 + max(width_of(line, TEXT) for lines in clocks for line in lines) + 12
    for number, (entry, times, tag) in enumerate(zip(entries, clocks, tags, strict=False), 1):
        said = wrapped(entry.text, WIDTH - MARGIN - column, TEXT, bold=entry.strong, most=5)
        width = width_of(f"{number}", SMALL, bold=True) + 10
        shapes.append(Box(MARGIN, y + 1, width, 18, "pill", 9))
        shapes.append(Words(MARGIN + width / 2, y + 14, f"{number}", SMALL, bold=True, anchor="middle"))
        words, below = block(times, MARGIN + 44, y)
        shapes += words
        words, end = block(said, column, y, bold=entry.strong)
        shapes += words
        if tag:
            words, end = block(wrapped(tag, WIDTH - MARGIN - column, SMALL), column, end - 1, SMALL, italic=True)
            shapes += words
        y = max(below, end, y + 20) + 5
    return shapes, y


def _when(entry: Entry) -> str:
    if entry.clock.strip():
        return entry.clock.strip()
    return clock(entry.start) if entry.start is not None else "?"


def _alt(document: Document, entries: Sequence[Entry], tags: Sequence[str], finding: str) -> str:
    said = [f"Timeline of an incident: {_ended(document.title or document.path)}", f"{finding}."]
    for number, (entry, tag) in enumerate(zip(entries[:MOST], tags, strict=False), 1):
        said.append(f"{number}, {_when(entry)}{f' ({tag})' if tag else ''}: {_ended(entry.text)}")
    if len(entries) > MOST:
        said.append(f"And {len(entries) - MOST:,} more entries.")
    return plain(" ".join(" ".join(said).split()))


def _ended(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."


def _csv(entries: Sequence[Entry], tags: Sequence[str]) -> str:
    rows = [
        (number, entry.start, entry.end, tag, plain(entry.text))
        for number, (entry, tag) in enumerate(zip(entries, tags, strict=True), 1)
    ]
    return as_csv(("number", "start (min)", "end (min)", "phases", "text"), rows)
