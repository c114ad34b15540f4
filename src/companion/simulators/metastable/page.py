"""What the panel of a page, and the widgets of a notebook, need to know of this simulator (see `companion.panel`)."""

from __future__ import annotations

from companion.simulators.metastable.figures import goodput_chart as chart
from companion.simulators.metastable.result import WINDOW

COMMAND = "metastable"
"""Its name on the command line: ``companion simulate metastable``."""

CAPTION = f"What callers saw in the last {WINDOW} s"

ROWS = (
    ("goodput_per_s", "answered in time (goodput)", "requests/s"),
    ("attempts_per_s", "attempts", "attempts/s"),
    ("wasted_per_s", "answered too late (wasted)", "attempts/s"),
    ("refused_per_s", "refused or dropped", "attempts/s"),
    ("blocked_per_s", "held back by the callers", "requests/s"),
    ("availability", "availability", "of requests"),
    ("success_rate", "success rate", "of attempts"),
    ("p50", "median latency", "s"),
    ("p99", "99th percentile of latency", "s"),
)
"""What the summary's table shows: the key in the summary, what it is called, its unit."""

__all__ = ["CAPTION", "COMMAND", "ROWS", "chart"]
