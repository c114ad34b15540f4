"""What the panel of a page, the widgets of a notebook and the command line show of this simulator."""

from __future__ import annotations

from companion.figures.data import Chart, Panel, Series
from companion.simulators.crdts.result import Result

COMMAND = "crdts"
"""Its name on the command line: ``companion simulate crdts``."""

CAPTION = "What became of the replicas by the end"

ROWS = (
    ("converged", "all agree (1 yes, 0 no)", ""),
    ("seconds_to_converge", "until they agreed, after the last update", "s"),
    ("distinct_final", "different values", "values"),
    ("resurrected", "back from the dead, over all replicas", "elements"),
    ("resurrected_most", "the most at any time", "elements"),
    ("lost_writes", "writes lost that nobody had seen", "writes"),
    ("size", "largest state, as JSON", "bytes"),
    ("tombstones", "tombstones in it", "tombstones"),
    ("bytes_per_update", "sent, as JSON", "bytes an update"),
)
"""What the summary's table shows: the key in the summary, what it is called, its unit."""


def chart(result: Result) -> Chart:
    """Collect how far replicas are apart, what has come back, and how large a state is."""
    time, settings = result.series["t"], result.settings
    panels = [
        Panel(
            "replicas",
            [
                Series("different values", time, result.series["distinct"]),
                Series("have not heard of all", time, result.series["behind"]),
            ],
        ),
        Panel("resurrected (elements)", [Series("resurrected", time, result.series["resurrected"])]),
        Panel("largest state (bytes)", [Series("largest state", time, result.series["size"])]),
    ]
    return Chart(_finding(result), "time (s)", panels, spans=settings.spans)


def _finding(result: Result) -> str:
    agree = "All replicas agree in the end" if result.summary["converged"] else "Replicas never agree"
    back, lost = result.totals["resurrected"], result.totals["lost_writes"]
    said = [f"{back} elements are back from the dead"] if back else []
    said += [f"{lost} writes are lost"] if lost else []
    return agree + (", and " + ", and ".join(said) if said else ", and nothing is lost or resurrected")
