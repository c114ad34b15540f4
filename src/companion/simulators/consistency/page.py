"""What the panel of a page, the widgets of a notebook and the command line show of this simulator."""

from __future__ import annotations

from companion.figures.data import Chart, Panel, Series
from companion.simulators.consistency.result import Result

COMMAND = "consistency"
"""Its name on the command line: ``companion simulate consistency``."""

CAPTION = "What clients saw over the whole run"

ROWS = (
    ("given_up", "given up", "of what was asked"),
    ("stale_read_rate", "stale", "of reads"),
    ("linearizable", "one copy could have answered so", "(1 yes, 0 no)"),
    ("read_p50", "median read", "ms"),
    ("read_p99", "99th percentile of reads", "ms"),
    ("write_p50", "median write", "ms"),
    ("write_p99", "99th percentile of writes", "ms"),
    ("read_your_writes_broken", "reads that missed an own write", "reads"),
    ("monotonic_reads_broken", "reads that went back", "reads"),
    ("monotonic_writes_broken", "writes seen in another order", "reads"),
    ("writes_follow_reads_broken", "answers seen without the question", "reads"),
    ("lost_writes", "acknowledged, then lost", "writes"),
    ("messages_per_operation", "messages", "an operation"),
)
"""What the summary's table shows: the key in the summary, what it is called, its unit."""


def chart(result: Result) -> Chart:
    """Collect what was answered and what failed, how many reads were stale, and how long clients waited."""
    time, settings = result.series["t"], result.settings
    panels = [
        Panel(
            "operations a second",
            [Series("answered", time, result.series["done"]), Series("given up", time, result.series["failed"])],
        ),
        Panel("stale share of reads", [Series("stale", time, result.series["stale"])]),
        Panel(
            "median (ms)",
            [Series("read", time, result.series["read_p50"]), Series("write", time, result.series["write_p50"])],
        ),
    ]
    return Chart(_finding(result), "time (s)", panels, spans=settings.spans)


def _finding(result: Result) -> str:
    stale, failed = result.totals["stale_reads"], result.totals["failed"]
    old = f"{stale} reads were stale" if stale else "no read was stale"
    gave_up = f"{failed} operations were given up" if failed else "all operations were answered"
    told = {1: "linearizable", 0: "not linearizable", None: "not known to be linearizable"}
    verdict = result.summary["linearizable"]
    whole = told[None if verdict is None else int(verdict)]
    gone = result.summary["lost_writes"]
    lost = f", {gone} acknowledged writes were lost" if gone else ""
    return f"{gave_up[:1].upper()}{gave_up[1:]}, {old}{lost}, and the history is {whole}"
