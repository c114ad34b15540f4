"""What a load has found, for a person and for programs (`load.schema.json`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from companion.calls.concurrency.load.plan import corrected, percentile

PERCENTS = (50, 90, 99, 99.9)

PUNCTUAL = 0.01
"""Seconds of lateness (p99) up to which a generator has kept its schedule."""

BUSY = 0.8
"""Share of a processor above which the generator itself may be what is slow."""


@dataclass(frozen=True)
class Sample:
    """One request.

    Attributes
    ----------
    connection : int
        Which connection it was meant for.
    planned, sent, done : float
        Seconds from the beginning: the moment of the plan, the first byte out, the last byte in. `sent` is None
        when its time was over before its connection was free.
    late : float
        Seconds by which the generator itself was late with it, its connection's wait for an answer not counted.
    error : str
        Empty for an answer of status 200 to 399; else ``timeout``, ``refused``, ``closed``, ``unreadable`` or
        ``status 500``.
    """

    connection: int
    planned: float
    sent: float | None
    done: float
    late: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Report:
    """A load and what became of it.

    Attributes
    ----------
    url, rate, seconds, connections
        What was asked for; `rate` is in requests a second.
    closed : bool
        Whether each connection waited for its answer before the time of its next request ran on.
    samples : sequence of Sample
        All requests, in the order of the plan.
    busy : float
        Which share of the time the generator used its processor. Near 1 it reads answers late, and a connection that
        waits for it looks like one that waits for the server.
    """

    url: str
    rate: float
    seconds: float
    connections: int
    closed: bool
    samples: Sequence[Sample] = field(repr=False)
    busy: float = 0.0

    @cached_property
    def latencies(self) -> list[float]:
        """Give the seconds of each answered request: from its intended moment, in a closed loop from its sending."""
        answered = (one for one in self.samples if not one.error)
        return [one.done - (one.planned if not self.closed or one.sent is None else one.sent) for one in answered]

    @property
    def answered(self) -> int:
        """How many requests were answered."""
        return len(self.latencies)

    @property
    def failed(self) -> int:
        """How many were not."""
        return len(self.samples) - self.answered

    @property
    def starved(self) -> int:
        """How many connections sent requests, or wanted to, and never had one answer."""
        return len({one.connection for one in self.samples} - {one.connection for one in self.samples if not one.error})

    @property
    def errors(self) -> dict[str, int]:
        """How often each kind of failure occurred."""
        return dict(sorted(Counter(one.error for one in self.samples if one.error).items()))

    @property
    def late(self) -> float:
        """Give the 99th percentile of the generator's own lateness, in seconds."""
        return percentile([one.late for one in self.samples], 99)

    @property
    def kept(self) -> bool:
        """Whether the generator kept its schedule, so that what is slow is the server."""
        return self.late <= PUNCTUAL and self.busy <= BUSY

    def p(self, percent: float) -> float:
        """Give a percentile of the answered requests' latency, in seconds; infinite if there are none."""
        return percentile(self.latencies, percent) if self.latencies else float("inf")

    def p_of_all(self, percent: float) -> float:
        """Give a percentile of all requests' latency, in seconds: one that failed has waited for ever."""
        return percentile([*self.latencies, *[float("inf")] * self.failed], percent)

    def p_corrected(self, percent: float) -> float:
        """Give a percentile with the requests that a closed loop left out, in seconds."""
        if not self.latencies:
            return float("inf")
        return percentile(corrected(self.latencies, self.connections / self.rate), percent)

    def slower_than(self, seconds: float) -> int:
        """Count the answers that took longer."""
        return sum(latency > seconds for latency in self.latencies)

    def as_json(self) -> dict[str, Any]:
        """Give it as `load.schema.json` describes it; what is infinite is null."""
        return {
            "url": self.url,
            "rate_per_s": self.rate,
            "seconds": self.seconds,
            "connections": self.connections,
            "closed_loop": self.closed,
            "requests": len(self.samples),
            "answered": self.answered,
            "failed": self.failed,
            "errors": self.errors,
            "starved_connections": self.starved,
            "kept_schedule": self.kept,
            "late_p99_ms": _ms(self.late),
            "generator_busy": round(self.busy, 3),
            "latency_ms": _row(self.p),
            "latency_of_all_ms": _row(self.p_of_all),
            "corrected_ms": _row(self.p_corrected) if self.closed else None,
        }

    def lines(self) -> list[str]:
        """Give it for a person."""
        rows: list[tuple[str, Mapping[str, float | None]]] = [("answered", _row(self.p))]
        rows += [("corrected", _row(self.p_corrected))] if self.closed else [("all", _row(self.p_of_all))]
        table = [f"{name:>12}" + "".join(f"{_say(value):>12}" for value in row.values()) for name, row in rows]
        kept = "kept" if self.kept else "did not keep"
        errors = ", ".join(f"{count} {kind}" for kind, count in self.errors.items())
        return [
            f"{len(self.samples)} requests in {'a closed' if self.closed else 'an open'} loop over {self.connections} "
            f"connections: {self.answered} answered, {self.failed} failed{f' ({errors})' if errors else ''}",
            f"{self.starved} connections never had an answer",
            f"{kept} its schedule: late by p99 {1000 * self.late:.1f} ms, busy {100 * self.busy:.0f} % of the time",
            "latency (ms)" + "".join(f"{f'p{percent:g}':>12}" for percent in PERCENTS),
            *table,
        ]


def _row(of: Any) -> dict[str, float | None]:
    return {f"p{percent:g}": _ms(of(percent)) for percent in PERCENTS}


def _ms(seconds: float) -> float | None:
    return None if seconds == float("inf") else round(1000 * seconds, 3)


def _say(value: float | None) -> str:
    return "no answer" if value is None else f"{value:.1f}"
