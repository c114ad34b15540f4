"""What the panel of a page, the widgets of a notebook and the command line show of this simulator."""

from __future__ import annotations

from companion.figures.data import Chart, Panel, Series
from companion.simulators.interaction.result import Result

COMMAND = "interaction"
"""Its name on the command line: ``companion simulate interaction``."""

CAPTION = "What became of the requests over the whole run"

ROWS = (
    ("delivered_share", "delivered as meant", "of requests"),
    ("changed_share", "changed, and nobody was told", "of requests"),
    ("refused_share", "refused, and somebody was told", "of requests"),
    ("silent_share", "silent", "of failures"),
    ("executions_per_request", "executions in B", "a request"),
    ("wasted_share", "executions that no one waited for", "of executions"),
    ("late_share", "work after the caller had left", "of B's time"),
    ("mean_latency", "mean wait of who was answered", "s"),
)
"""What the summary's table shows: the key in the summary, what it is called, its unit."""


def chart(result: Result) -> Chart:
    """Collect what was delivered, changed and refused in each second, and the same as a running share."""
    time = result.series["t"]
    names = {"delivered": "delivered", "changed": "changed silently", "refused": "refused"}
    seconds = Panel("requests/s", [Series(name, time, result.series[key]) for key, name in names.items()])
    failed = [Series(names[key], time, _running_share(result, key)) for key in ("changed", "refused")]
    return Chart(_finding(result), "time (s)", [seconds, Panel("share so far", failed)])


def _running_share(result: Result, key: str) -> list[float | None]:
    shares: list[float | None] = []
    some = every = 0
    for at, value in enumerate(result.series[key]):
        some += value
        every += sum(result.series[name][at] for name in ("delivered", "changed", "refused"))
        shares.append(some / every if every else None)
    return shares


def _finding(result: Result) -> str:
    totals = result.totals
    if not totals["changed"] and not totals["refused"]:
        return f"All {totals['requests']:,} requests were delivered as meant"
    return (
        f"Of {totals['requests']:,} requests {totals['changed']:,} were changed silently "
        f"and {totals['refused']:,} refused"
    )
