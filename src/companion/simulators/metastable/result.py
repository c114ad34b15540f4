"""What a run gives: a count for every second, and a summary of the last minute as the callers saw it.

Three things that look alike are kept apart. A *request* is what a caller wants; an *attempt* is one message to the
service on its behalf; an *answer* may come too late, when nobody waits for it any more, and is then work wasted.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from companion.simulators.metastable.settings import Settings
from companion.simulators.quantiles import percentile

WINDOW = 60  # seconds at the end of the run that the summary describes


@dataclass
class Tally:
    """The counters of a run under way; an engine adds to them and calls `mark` at the end of each second.

    Attributes
    ----------
    requests, answered, failures : int
        Requests begun; answered in time; given up, with no retry left or allowed.
    attempts, retries, timeouts : int
        Messages sent to the service; those of them that were not a request's first; callers' patience run out.
    queued : int
        Attempts that found all servers busy, and waited.
    late : int
        Answers to callers who had given up: wasted work.
    refused, shed, dropped, lost : int
        Attempts refused by a full queue; dropped by a server, one by one, as too old; thrown away with the whole
        queue; and lost in an outage.
    blocked : int
        Requests that the callers' own breaker or limit held back; they are no attempts.
    turned_away : int
        Requests that were not let in once the load had been cut; they are no attempts, and have failed.
    hits : int
        Requests answered from the cache; they are no attempts.
    shared : int
        Requests answered by the answer to another's attempt (single flight); they are no attempts of their own.
    progress : callable or None
        Told at the end of each second how many there have been.
    """

    requests: int = 0
    answered: int = 0
    failures: int = 0
    attempts: int = 0
    retries: int = 0
    timeouts: int = 0
    queued: int = 0
    late: int = 0
    refused: int = 0
    shed: int = 0
    dropped: int = 0
    lost: int = 0
    blocked: int = 0
    turned_away: int = 0
    hits: int = 0
    shared: int = 0
    latencies: list[float] = dataclasses.field(default_factory=list)
    history: list[tuple[Mapping[str, int], Sequence[float], int, float]] = dataclasses.field(default_factory=list)
    progress: Callable[[int], object] | None = None

    def mark(self, queue_length: int, queue_age: float) -> None:
        """Close a second: remember the counters, its latencies (s), sorted, how many wait, and the longest wait (s)."""
        self.history.append((self.counts(), sorted(self.latencies), queue_length, queue_age))
        self.latencies.clear()
        if self.progress is not None:
            self.progress(len(self.history))

    def counts(self) -> dict[str, int]:
        """Give the counters by name."""
        return {name: getattr(self, name) for name in COUNTERS}


COUNTERS = tuple(
    item.name for item in dataclasses.fields(Tally) if item.name not in ("latencies", "history", "progress")
)

PLAIN = ("failures", "retries", "timeouts", "refused", "shed", "dropped", "lost", "blocked", "turned_away", "shared")
"""The counters whose series have the same name."""


@dataclass(frozen=True)
class Result:
    """What a run gave.

    Attributes
    ----------
    settings : Settings
        What was simulated.
    engine : str
        ``heap`` or ``simpy``.
    series : mapping of str to list
        One value a second, the first for the second that begins at ``t`` = 0. Rates are counts of that second:
        ``requests_per_s``, ``goodput_per_s`` (requests answered in time), ``attempts_per_s``, ``wasted_per_s`` (answers
        to callers who had given up), ``failures``, ``retries``, ``timeouts``, ``refused``, ``shed``, ``dropped``,
        ``lost``, ``blocked``, ``turned_away``, ``cache_hits`` and ``shared``. ``queue_length`` and ``queue_age``, for
        how long the oldest in the queue has waited (s), are taken at the second's end. ``p99`` is that of the
        latencies, in seconds from a request's first attempt to its answer, of the requests answered in that second,
        and None where there were none.
    totals : mapping of str to int
        The counters of `Tally` over the whole run, and ``unfinished_requests`` and ``unfinished_attempts``, which the
        end of the run cut off.
    summary : mapping of str to float or None
        The last 60 s (the whole run, if it is shorter); see `summarise`.
    """

    settings: Settings
    engine: str
    series: Mapping[str, list[Any]]
    totals: Mapping[str, int]
    summary: Mapping[str, float | None]

    @property
    def goodput_per_s(self) -> float:
        """Requests answered in time, a second, over the last 60 s."""
        return self.summary["goodput_per_s"] or 0.0

    @property
    def attempts_per_s(self) -> float:
        """Attempts sent to the service, a second, over the last 60 s."""
        return self.summary["attempts_per_s"] or 0.0

    @property
    def wasted_per_s(self) -> float:
        """Answers to callers who had given up, a second, over the last 60 s."""
        return self.summary["wasted_per_s"] or 0.0

    @property
    def availability(self) -> float | None:
        """The share of the requests that ended in the last 60 s that were answered in time; None if none ended."""
        return self.summary["availability"]

    def mean(self, name: str, start: float, end: float) -> float:
        """Average one of the series over the whole seconds from `start` to `end` (s)."""
        values = self.series[name][int(start) : int(end)]
        return sum(values) / len(values) if values else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give parameters, summary and series as plain values."""
        return {
            "parameters": dataclasses.asdict(self.settings),
            "summary": dict(self.summary),
            "series": {name: list(values) for name, values in self.series.items()},
        }

    def to_json(self) -> str:
        """Write `as_dict` as JSON text, the form that ``companion simulate --json`` gives."""
        return json.dumps(self.as_dict())


def conclude(settings: Settings, engine: str, tally: Tally, unfinished_attempts: int) -> Result:
    """Make the result of a run that has ended."""
    before = dict.fromkeys(COUNTERS, 0)
    rows = []
    for counts, _, _, _ in tally.history:
        rows.append({name: counts[name] - before[name] for name in COUNTERS})
        before = dict(counts)
    named = {
        "requests_per_s": "requests",
        "goodput_per_s": "answered",
        "attempts_per_s": "attempts",
        "wasted_per_s": "late",
        "cache_hits": "hits",
        **{name: name for name in PLAIN},
    }
    series: dict[str, list[Any]] = {"t": list(range(len(rows)))}
    series |= {name: [row[counter] for row in rows] for name, counter in named.items()}
    series["queue_length"] = [waiting for _, _, waiting, _ in tally.history]
    series["queue_age"] = [_rounded(age) for _, _, _, age in tally.history]
    series["p99"] = [_rounded(percentile(latencies, 0.99)) for _, latencies, _, _ in tally.history]
    totals = tally.counts()
    totals["unfinished_requests"] = tally.requests - tally.answered - tally.failures
    totals["unfinished_attempts"] = unfinished_attempts
    return Result(settings, engine, series, totals, summarise(rows, tally, totals))


def summarise(rows: Sequence[Mapping[str, int]], tally: Tally, totals: Mapping[str, int]) -> dict[str, float | None]:
    """Sum up the last 60 s, and beside it what another way of counting would have said.

    Returns
    -------
    dict
        ``goodput_per_s``, ``attempts_per_s``, ``wasted_per_s``, ``failures_per_s``, ``refused_per_s`` (with
        what was shed), ``blocked_per_s``: a second.
        ``availability``: of the requests that ended, the share answered in time.
        ``success_rate``: of the attempts sent, the share answered in time.
        ``p50``, ``p99``, ``mean_latency``: latency in s of the requests answered.
        ``toy_success_rate``: of the attempts sent, the share that got any answer, however late: how a widely copied
        simulator counts.
        The same over the whole run: ``whole_availability`` (of the requests begun), ``whole_success_rate``,
        ``whole_toy_success_rate``, ``whole_mean_latency``.
        A share of nothing is None.
    """
    last = rows[-WINDOW:]
    span = max(1, len(last))
    count = {name: sum(row[name] for row in last) for name in COUNTERS}
    answered = sum(len(values) for _, values, _, _ in tally.history)
    # fsum: from Python 3.12 on, which a page's Python is, sum rounds otherwise than before
    total_latency = fsum(fsum(values) for _, values, _, _ in tally.history)
    latencies = sorted(value for _, values, _, _ in tally.history[-WINDOW:] for value in values)
    return {
        "goodput_per_s": count["answered"] / span,
        "attempts_per_s": count["attempts"] / span,
        "wasted_per_s": count["late"] / span,
        "failures_per_s": count["failures"] / span,
        "refused_per_s": (count["refused"] + count["shed"]) / span,
        "blocked_per_s": count["blocked"] / span,
        "availability": _share(count["answered"], count["answered"] + count["failures"]),
        "success_rate": _share(_served(count), count["attempts"]),
        "p50": _rounded(percentile(latencies, 0.5)),
        "p99": _rounded(percentile(latencies, 0.99)),
        "mean_latency": _rounded(fsum(latencies) / len(latencies)) if latencies else None,
        "toy_success_rate": _share(_served(count) + count["late"], count["attempts"]),
        "whole_availability": _share(totals["answered"], totals["requests"]),
        "whole_success_rate": _share(_served(totals), totals["attempts"]),
        "whole_toy_success_rate": _share(_served(totals) + totals["late"], totals["attempts"]),
        "whole_mean_latency": _rounded(total_latency / answered) if answered else None,
    }


def _served(count: Mapping[str, int]) -> int:
    # Attempts that were answered in time: a hit needs none, and one answer may serve several requests.
    return count["answered"] - count["hits"] - count["shared"]


def _share(part: int, whole: int) -> float | None:
    # Answers of a second may belong to attempts of the one before, so a short window can exceed 1 by a hair.
    return min(1.0, part / whole) if whole else None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
