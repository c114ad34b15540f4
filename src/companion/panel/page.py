"""What runs in the reader's browser: texts from a page's controls in, what the page draws and says out.

Called by the page's worker (``book/assets/panel/worker.mjs``) in Pyodide; the same functions run in the tests under
CPython, and must give the same. Standard library only.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from companion.figures.charts import DASHES, PALETTE
from companion.figures.data import Chart, Series, as_text, numbered
from companion.panel.offer import Offer, offered

LINE_WIDTH = 1.7


def run(request: str, progress: Callable[[int], object] | None = None) -> str:
    """Run a simulation.

    Parameters
    ----------
    request : str
        JSON: ``module``, ``preset`` and ``values``, the texts of the parameters that differ from the preset.
    progress : callable, optional
        Told whenever another per cent is done.

    Returns
    -------
    str
        JSON: ``chart``, ``rows`` and ``caption`` of the table, ``said`` (the result in one sentence or two), ``csv``,
        ``summary`` and ``totals``.

    Raises
    ------
    companion.parameters.ParameterError
        If a name is unknown or a value is out of its range.
    """
    asked = json.loads(request)
    offer = offered(asked["module"])
    settings = offer.settings_of(asked["preset"], asked["values"])
    result = offer.simulate(settings, progress=_in_per_cent(settings.duration, progress))
    chart = offer.page.chart(result)
    rows = table(offer, result)
    told = {
        "chart": drawn(chart),
        "caption": offer.page.CAPTION,
        "rows": rows,
        "said": f"{chart.title}. {offer.page.CAPTION}: "
        + ", ".join(f"{label} {value} {unit}" for label, value, unit in rows[:3])
        + ".",
        "csv": as_csv(result.series),
        "summary": dict(result.summary),
        "totals": dict(result.totals),
    }
    return json.dumps(told, allow_nan=False)


def _in_per_cent(seconds: float, progress: Callable[[int], object] | None) -> Callable[[int], None] | None:
    """Pass on only whole per cents: a message for each simulated second would take longer than the second."""
    if progress is None:
        return None
    last = 0

    def tell(done: int) -> None:
        nonlocal last
        share = int(100 * done / seconds)
        if share > last:
            last = share
            progress(share)

    return tell


def table(offer: Offer, result: Any) -> list[tuple[str, str, str]]:
    """Give the summary as rows of label, value and unit."""
    values = [(label, result.summary[key], unit) for key, label, unit in offer.page.ROWS]
    return [(label, "-" if value is None else as_text(value), unit) for label, value, unit in values]


def drawn(chart: Chart) -> dict[str, Any]:
    """Give a chart as plain data, in the colours and dashes of the book's figures: one for each name."""
    panels = [
        {"y": panel.y, "levels": panel.levels, "series": list(map(_line, numbers, panel.series))}
        for panel, numbers in zip(chart.panels, numbered(chart.panels), strict=True)
    ]
    return {"title": chart.title, "alt": chart.alt, "x": chart.x, "spans": chart.spans, "panels": panels}


def _line(number: int, series: Series) -> dict[str, Any]:
    dash, points = _dash(DASHES[number % 6]), list(zip(series.x, series.y, strict=True))
    return {"name": series.name, "colour": PALETTE[number % 6], "dash": dash, "width": LINE_WIDTH, "points": points}


def _dash(dash: Any) -> str:
    """Write Matplotlib's dashes, which count in widths of the line, as SVG's, which count in pixels."""
    return "" if dash == "solid" else " ".join(f"{length * LINE_WIDTH:g}" for length in dash[1])


def as_csv(series: Mapping[str, Sequence[Any]]) -> str:
    """Write the series as CSV, a column each; what has no value is empty."""
    with io.StringIO() as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(series)
        writer.writerows(zip(*series.values(), strict=True))
        return text.getvalue()
