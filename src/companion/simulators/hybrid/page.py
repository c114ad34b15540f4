"""What the panel of a page, the widgets of a notebook and the command line show of this simulator."""

from __future__ import annotations

from companion.figures.data import Chart, Panel, Series
from companion.simulators.hybrid.result import Result

COMMAND = "hybrid"
"""Its name on the command line: ``companion simulate hybrid``."""

CAPTION = "What users saw over the whole run"

ROWS = (
    ("room_mean", "mean wait for a room", "ms"),
    ("note_mean", "mean wait for a note", "ms"),
    ("colour_mean", "mean wait for a colour", "ms"),
    ("availability", "answered", "of operations"),
    ("double_bookings", "slots confirmed twice", "slots"),
    ("broken_promises", "bookings shown and then lost", "bookings"),
    ("room_p99", "99th percentile of the wait for a room", "ms"),
    ("note_p99", "99th percentile of the wait for a note", "ms"),
    ("colour_p99", "99th percentile of the wait for a colour", "ms"),
    ("room_availability", "answered, rooms", "of operations"),
    ("note_availability", "answered, notes", "of operations"),
    ("colour_availability", "answered, colours", "of operations"),
    ("final_p99", "99th percentile of the time until it is final", "ms"),
    ("messages_per_operation", "messages between sites", "an operation"),
)
"""What the summary's table shows: the key in the summary, what it is called, its unit."""


NAMES = {"room": "rooms", "note": "notes", "colour": "colours"}


def chart(result: Result) -> Chart:
    """Collect what was answered, refused and taken back, and how long users waited or what is not final yet."""
    time, settings = result.series["t"], result.settings
    answers = Panel(
        "operations a second",
        [
            Series("answered", time, result.series["done"]),
            Series("given up", time, result.series["failed"]),
            Series("taken back", time, result.series["broken"]),
        ],
    )
    waits = [Series(name, time, result.series[f"{kind}_p50"]) for kind, name in NAMES.items()]
    below = Panel("median wait (ms)", waits)
    if settings.mode == "optimistic":
        below = Panel("not yet final (operations)", [Series("not yet final", time, result.series["waiting"])])
    return Chart(_finding(result), "time (s)", [answers, below], spans=settings.spans)


def _finding(result: Result) -> str:
    failed = result.totals["failed"]
    room, note = (result.summary[f"{kind}_mean"] or 0.0 for kind in ("room", "note"))
    broken = result.totals["broken_promises"]
    lost = f"{broken} bookings were taken back" if broken else "no booking was taken back"
    gave_up = f", {failed} users gave up" if failed else ""
    return f"A room took {room:.3g} ms on average and a note {note:.3g}{gave_up}, and {lost}"
