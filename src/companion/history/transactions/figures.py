"""A cycle of transactions as a figure: who must come before whom, and why."""

from __future__ import annotations

import math
import textwrap

from companion.figures import Figure
from companion.figures.charts import PALETTE, axes_of
from companion.figures.data import as_csv
from companion.figures.figure import INK, styled
from companion.history.transactions.anomalies import Anomaly
from companion.history.transactions.report import Report

LINES = {
    "ww": (0, "solid"),
    "wr": (2, (0, (6, 2, 1, 2))),
    "rw": (1, (0, (4, 2))),
    "process": (4, (0, (1, 1.3))),
    "realtime": (4, (0, (1, 1.3))),
}
"""Of each kind of dependency its colour, and its dashes for whoever sees none."""


@styled
def figure_cycle(report: Report, anomaly: Anomaly) -> Figure:
    """Draw a cycle: its transactions with what they did, and an arrow from each to the one that must come after it.

    Parameters
    ----------
    report : Report
        What was found in the history.
    anomaly : Anomaly
        One of its anomalies, with steps.
    """
    title = f"{anomaly.name}: no order explains these {len(anomaly.steps)} transactions"
    drawing, (ax,) = axes_of(title, 1, (7.2, 4.6 if len(anomaly.steps) > 2 else 3.4))
    count = len(anomaly.steps)
    flat = 1.0 if count > 2 else 0.0
    places = {
        number: (
            -1.5 * math.cos(2 * math.pi * at / count),
            flat * math.sin(2 * math.pi * at / count),
        )
        for at, number in enumerate(anomaly.transactions)
    }
    for number, place in places.items():
        does = "\n".join(one.told for one in report.history[number - 1].does)
        ax.annotate(f"T{number}\n{does}", place, ha="center", va="center", size=8.5, zorder=3,
                    bbox={"boxstyle": "round,pad=0.5", "facecolor": "none", "edgecolor": INK})  # fmt: skip
    for step in anomaly.steps:
        (x, y), (to_x, to_y) = places[step.source], places[step.target]
        colour, dashes = LINES[step.kind]
        far = math.hypot(to_x - x, to_y - y)
        away_x, away_y = -(to_y - y) / far, (to_x - x) / far
        ax.annotate("", (to_x, to_y), (x, y), arrowprops={
            "arrowstyle": "-|>", "color": PALETTE[colour], "linestyle": dashes, "linewidth": 1.6,
            "connectionstyle": "arc3,rad=-0.35", "shrinkA": 38, "shrinkB": 38})  # fmt: skip
        words = "\n".join(textwrap.wrap(f"{step.kind}: {step.told}".replace("'s ", "'s\N{NO-BREAK SPACE}"), 26))
        side = "center" if abs(away_x) < 0.3 else "left" if away_x > 0 else "right"
        ax.annotate(words, ((x + to_x) / 2 + 0.26 * far * away_x, (y + to_y) / 2 + 0.26 * far * away_y),
                    ha=side, va="center", size=8, color=INK)  # fmt: skip
    high = 1.5 if count > 2 else 1.1
    ax.set(xlim=(-3, 3), ylim=(-high, high))
    ax.axis("off")
    told = [f"Cycle of transactions: {title}."]
    told += [f"T{number}: {report.history[number - 1].told}." for number in anomaly.transactions]
    told += [f"T{step.source} must come before T{step.target}: {step.told}." for step in anomaly.steps]
    table = [(f"T{step.source}", f"T{step.target}", step.kind, step.told) for step in anomaly.steps]
    return Figure(title, " ".join(told), drawing, as_csv(("before", "after", "kind", "why"), table))
