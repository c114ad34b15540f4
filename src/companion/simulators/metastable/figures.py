"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companion.figures import Chart, Figure, Panel, Series, bars, draw, grid, lines
from companion.simulators.metastable.result import WINDOW, Result
from companion.simulators.metastable.scans import Step, seconds_to_recover

BUCKET = 3
"""Seconds that one point of a line averages: counts of single seconds scatter too much to be read."""


def goodput_chart(result: Result) -> Chart:
    """Collect what the callers saw, what the service was asked and did, and how old its queue is."""
    rates = Panel(
        "a second",
        [
            _series("goodput (requests)", result, "goodput_per_s"),
            _series("attempts", result, "attempts_per_s"),
            _series("answers too late", result, "wasted_per_s"),
        ],
        levels=[(result.settings.capacity, "capacity")],
    )
    oldest = [_series("oldest in the queue", result, "queue_age")]
    waited = Panel("longest wait (s)", oldest, levels=[(result.settings.timeout, "patience")])
    return Chart(_finding(result), "time (s)", [rates, waited], spans=_spike(result))


def _finding(result: Result) -> str:
    settings, goodput, attempts = result.settings, result.goodput_per_s, result.attempts_per_s
    later = settings.duration - settings.spike_start - settings.spike_seconds
    # The summary is of the last minute; what of it lies before the trigger's end is not what the trigger left.
    trigger = settings.pattern if settings.pattern in ("spike", "outage") and later >= WINDOW else None
    if goodput < 0.05 * settings.load:
        when = f"{later:.0f} s after the {trigger}" if trigger else "At the end"
        return f"{when} {attempts:.0f} attempts/s still leave a goodput of {goodput:.0f}"
    when = f"After the {trigger}" if trigger else "At the end"
    return f"{when} the goodput is {goodput:.0f} requests/s, for {attempts:.0f} attempts/s"


def figure_goodput(result: Result) -> Figure:
    """Draw what the callers saw, what the service was asked and did, and how old its queue is."""
    return draw(goodput_chart(result))


def figure_collapse(result: Result, start: float, end: float) -> Figure:
    """Draw the seconds of the collapse one by one, and beside them how old the queue is."""
    first, last = int(start), int(end)
    t, timeout = result.series["t"][first:last], result.settings.timeout
    answered, ages = result.series["goodput_per_s"], result.series["queue_age"]
    begins = int(result.settings.spike_start)
    over = next(second for second in range(begins, last) if ages[second] > timeout)
    gone = next(second for second in range(begins, last) if not any(answered[second:last]))
    title = (
        f"{over - begins} s into the spike the oldest in the queue has waited as long as a caller will; "
        f"{gone - over} s later nobody is answered"
    )
    named = {
        "goodput (requests)": "goodput_per_s",
        "attempts": "attempts_per_s",
        "answers too late": "wasted_per_s",
    }
    rates = [Series(name, t, result.series[what][first:last], points=True) for name, what in named.items()]
    waited = [Series("oldest in the queue", t, ages[first:last], points=True)]
    panels = [
        Panel("a second", rates, levels=[(result.settings.capacity, "capacity")]),
        Panel("longest wait (s)", waited, levels=[(timeout, "patience")]),
    ]
    return lines(title, "time (s)", panels, spans=_spike(result))


def figure_night(results: Mapping[str, Result], since: float) -> Figure:
    """Draw what each intervention does to the goodput, to the queue's length and to its age."""
    back = [name for name, result in results.items() if seconds_to_recover(result, since) is not None]
    gone = [name for name in results if name not in back]
    until = next(iter(results.values())).settings.duration
    minutes = f"{(until - since) / 60:.0f} minutes later"
    alone = f"after {' or '.join(gone)} alone nobody is answered {minutes}" if gone else ""
    title = ": ".join(part for part in (f"what ends it is {' or '.join(back)}" if back else "", alone) if part)
    title = title[:1].upper() + title[1:]
    named = {
        "goodput (requests/s)": "goodput_per_s",
        "waiting (attempts)": "queue_length",
        "oldest has waited (s)": "queue_age",
    }
    panels = [Panel(y, [_series(name, result, what) for name, result in results.items()]) for y, what in named.items()]
    spans = [*_spike(next(iter(results.values()))), (since, since + BUCKET, "intervention")]
    return lines(title, "time (s)", panels, spans=spans)


def figure_compare(results: Mapping[str, Result], what: str = "goodput_per_s") -> Figure:
    """Draw one series of several results over each other, to see which come back."""
    back = [name for name, result in results.items() if result.goodput_per_s > 0.9 * result.settings.load]
    gone = [name for name in results if name not in back]
    title = "; ".join(part for part in (_comes("back", back), _comes("down", gone)) if part)
    series = [_series(name, result, what) for name, result in results.items()]
    return lines(title, "time (s)", [Panel("goodput (requests/s)", series)], spans=_spike(next(iter(results.values()))))


def figure_prices(failed: Mapping[str, Sequence[int]]) -> Figure:
    """Draw how many callers failed under each policy, in the best and in the worst of several runs."""
    order = sorted(failed, key=lambda name: sum(failed[name]))
    least, most = (f"{min(failed[name]):,} to {max(failed[name]):,}" for name in (order[0], order[-1]))
    ends = {name: {"fewest of all runs": float(min(failed[name])), "most": float(max(failed[name]))} for name in order}
    title = f"{order[0].capitalize()} fails {least} callers, the {order[-1]} {most}"
    return bars(title, "callers failed in the whole run", ends)


def figure_hysteresis(steps: Sequence[Step]) -> Figure:
    """Draw goodput against load on the way up and on the way down: two branches."""
    up = [step for step in steps if step.direction == "up"]
    down = [up[-1], *(step for step in steps if step.direction == "down")]
    falls = next((step.load for step in up if step.goodput_per_s < 0.5 * step.load), up[-1].load)
    heals = next((step.load for step in down if step.goodput_at_end > 0.9 * step.load), 0.0)
    title = f"It falls at {falls:g} requests/s and does not recover before {heals:g}"
    panel = Panel(
        "goodput (requests/s)",
        [
            _branch("load going up", [(step.load, step.goodput_per_s) for step in up]),
            _branch("coming down", [(step.load, step.goodput_at_end) for step in down]),
        ],
    )
    return lines(title, "load (requests/s)", [panel])


def figure_map(retries: Sequence[int], loads: Sequence[float], answered: Sequence[Sequence[float]]) -> Figure:
    """Draw the share of requests answered at the end, for each number of retries and load."""
    values = {
        (load, float(count)): 100 * share
        for count, row in zip(retries, answered, strict=True)
        for load, share in zip(loads, row, strict=True)
    }
    alive = sum(value > 50 for value in values.values())
    title = f"{alive} of {len(values)} combinations come back; each retry moves the border down"
    return grid(
        title,
        "load (requests/s)",
        "retries",
        values,
        unit="Requests answered in time (%)",
        low="collapsed",
        high="recovered",
    )


def figure_tipping(tipped: Mapping[float, Sequence[float | None]], duration: float) -> Figure:
    """Draw the share of runs that have collapsed by then against time, for each ``concurrency_slope`` (s)."""
    times = [float(second) for second in range(0, int(duration) + 1, 5)]
    series, ends = [], []
    for slope, moments in tipped.items():
        known = [moment for moment in moments if moment is not None]
        share = [100 * sum(moment <= now for moment in known) / len(moments) for now in times]
        series.append(Series(f"{1000 * slope:g} ms", times, share))
        ends.append(f"{len(known)} of {len(moments)} runs collapse at {1000 * slope:g} ms")
    title = f"Without any trigger {ends[0]}, {ends[-1]}, within {duration / 60:.0f} minutes"
    return lines(title, "time (s)", [Panel("runs collapsed (%)", series)])


def figure_phases(measured: Mapping[str, float], phases: Mapping[str, str]) -> Figure:
    """Draw the share of the requests that a real server answered in time, one phase after the other."""
    shares = {words: 100 * measured[name] for name, words in phases.items()}
    *_, (last, end) = shares.items()
    worst = min(shares.values())
    title = f"A real server answers {worst:.0f} % of its callers once it has collapsed, and {end:.0f} % with {last}"
    return bars(title, "requests answered in time (%)", {name: {"answered": share} for name, share in shares.items()})


def _branch(name: str, points: Sequence[tuple[float, float]]) -> Series:
    """Join neighbours that lie near each other; over a cliff there is nothing to join."""
    joined: list[tuple[float, float | None]] = []
    for (x, y), (next_x, next_y) in zip(points, [*points[1:], points[-1]], strict=True):
        joined.append((x, y))
        if abs(y - next_y) > 0.5 * max(x, next_x):
            joined.append(((x + next_x) / 2, None))
    return Series(name, [x for x, _ in joined], [y for _, y in joined], points=True)


def _series(name: str, result: Result, what: str) -> Series:
    """Average one of a result's series over stretches of `BUCKET` seconds."""
    values: list[Any] = result.series[what]
    starts = range(0, len(values) - BUCKET + 1, BUCKET)
    means = [sum(values[start : start + BUCKET]) / BUCKET for start in starts]
    return Series(name, [start + BUCKET / 2 for start in starts], means)


def _spike(result: Result) -> list[tuple[float, float, str]]:
    """Give the stretch of time that a figure shades: the spike or the outage, if there is one."""
    settings = result.settings
    if settings.pattern not in ("spike", "outage"):
        return []
    return [(settings.spike_start, settings.spike_start + settings.spike_seconds, settings.pattern)]


def _comes(where: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = {
        "back": "comes back" if len(names) == 1 else "come back",
        "down": "stays down" if len(names) == 1 else "stay down",
    }
    return f"{listed} {verb[where]}"
