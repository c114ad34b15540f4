"""What a run gave: counts for every second, and a summary from the user's side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from companion.simulators.hybrid.settings import KINDS, Settings
from companion.simulators.quantiles import mean, quantile


@dataclass(frozen=True)
class Result:
    """A run.

    Attributes
    ----------
    settings : Settings
        What was simulated.
    series : dict of str to list
        A value for each second ``t``: ``done``, ``failed`` (timed out or cut off), ``broken`` (promises taken back, by
        the second in which the user learnt of it), ``waiting`` (shown, but not final, at its end), and
        for each kind the median wait of those answered in it (ms): ``room_p50``, ``note_p50``, ``colour_p50``.
    waits : dict of str to list of float
        What each answered user waited (ms), by kind of operation.
    summary : dict of str to float or None
        Availability by kind of operation, latencies in ms, and what became of promises; see `page.ROWS`.
    totals : dict of str to int
        Counts over the run.
    """

    settings: Settings
    series: Mapping[str, list[Any]]
    waits: Mapping[str, list[float]]
    summary: Mapping[str, float | None]
    totals: Mapping[str, int]


@dataclass
class Tally:
    """What is counted while a run lasts; times in s."""

    settings: Settings
    begun: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    messages: int = 0
    double: int = 0
    latencies: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    confirmed: list[float] = field(default_factory=list)
    per_second: dict[str, Counter[int]] = field(
        default_factory=lambda: {name: Counter() for name in ("done", "failed", "broken", "shown", "final")}
    )
    in_second: dict[str, dict[int, list[float]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def answer(self, kind: str, begun: float, now: float) -> None:
        """Count an operation whose user was answered."""
        self.done[kind] += 1
        self.per_second["done"][int(now)] += 1
        self.latencies[kind].append(now - begun)
        self.in_second[kind].setdefault(int(now), []).append(now - begun)

    def fail(self, now: float) -> None:
        """Count an operation whose user gave up."""
        self.per_second["failed"][int(now)] += 1

    def break_promise(self, now: float) -> None:
        """Count a booking that a user was shown and then lost."""
        self.per_second["broken"][int(now)] += 1

    def show(self, now: float) -> None:
        """Count an operation that was shown to its user and is not final."""
        self.per_second["shown"][int(now)] += 1

    def settle(self, begun: float, now: float) -> None:
        """Count that one of those has become final, either way."""
        self.per_second["final"][int(now)] += 1
        self.confirmed.append(now - begun)


def conclude(tally: Tally) -> Result:
    """Make the result of what was counted."""
    seconds = range(int(tally.settings.duration))
    columns: dict[str, list[Any]] = {"t": list(seconds)}
    for name in ("done", "failed", "broken"):
        columns[name] = [tally.per_second[name][second] for second in seconds]
    shown = final = 0
    columns["waiting"] = []
    for second in seconds:
        shown += tally.per_second["shown"][second]
        final += tally.per_second["final"][second]
        columns["waiting"].append(shown - final)
    for kind in KINDS:
        columns[f"{kind}_p50"] = [_ms(quantile(tally.in_second[kind].get(second, []), 0.5)) for second in seconds]
    broken = sum(tally.per_second["broken"].values())
    begun, done = sum(tally.begun.values()), sum(tally.done.values())
    every = [latency for kind in KINDS for latency in tally.latencies[kind]]
    summary: dict[str, float | None] = {
        "availability": done / begun if begun else None,
        **{f"{kind}_availability": tally.done[kind] / tally.begun[kind] if tally.begun[kind] else None
           for kind in KINDS},
        "mean_latency": _ms(mean(every)),
        **{f"{kind}_p50": _ms(quantile(tally.latencies[kind], 0.5)) for kind in KINDS},
        **{f"{kind}_mean": _ms(mean(tally.latencies[kind])) for kind in KINDS},
        **{f"{kind}_p99": _ms(quantile(tally.latencies[kind], 0.99)) for kind in KINDS},
        "final_p99": _ms(quantile(tally.confirmed, 0.99)),
        "double_bookings": tally.double,
        "broken_promises": broken,
        "broken_share": broken / tally.done["room"] if tally.done["room"] else None,
        "messages_per_operation": tally.messages / begun if begun else None,
    }  # fmt: skip
    totals = {
        **{f"{kind}s": tally.begun[kind] for kind in KINDS},
        "done": done,
        "failed": begun - done,
        "taken": tally.taken,
        "double_bookings": tally.double,
        "broken_promises": broken,
        "messages": tally.messages,
    }
    waits = {kind: [1000 * wait for wait in tally.latencies[kind]] for kind in KINDS}
    return Result(tally.settings, columns, waits, summary, totals)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds
