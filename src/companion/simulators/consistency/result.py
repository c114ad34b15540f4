"""What a run gave: counts for every second, what clients saw, and whether one copy could have answered the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.history.check import check
from companion.history.session import GUARANTEES, session_guarantees, stale_reads
from companion.simulators.consistency.client import Record
from companion.simulators.consistency.cluster import Cluster
from companion.simulators.consistency.settings import Settings
from companion.simulators.quantiles import mean, quantile

STEPS = 200_000
"""Steps of the checker for a key, beyond which the verdict is open."""


@dataclass(frozen=True)
class Result:
    """A run.

    Attributes
    ----------
    settings : Settings
        What was simulated.
    history : tuple of Record
        Every operation, by the time of its invocation.
    series : dict of str to list
        A value for each whole second ``t``: ``done`` and ``failed`` (by the second in which they began), ``stale``
        (the share of reads), ``read_p50`` and ``write_p50`` (ms).
    summary : dict of str to float or None
        See `page.ROWS`; ``linearizable`` is 1, 0 or None (open), ``lost_writes`` None where no primary counts them.
    totals : dict of str to int
        Counts over the run.
    """

    settings: Settings
    history: tuple[Record, ...]
    series: Mapping[str, list[Any]]
    summary: Mapping[str, float | None]
    totals: Mapping[str, int]


def conclude(cluster: Cluster, records: Sequence[Record], lost: int | None) -> Result:
    """Make the result of what clients recorded, and of how many acknowledged writes are known to be lost."""
    settings = cluster.settings
    reads = [record for record in records if record.f == "read" and record.returned is not None]
    writes = [record for record in records if record.f == "write" and record.returned is not None]
    done = len(reads) + len(writes)
    history = [record.operation for record in records if record.f == "write" or record.returned is not None]
    stale = {read.invoked for read in stale_reads(history)}
    verdict = check(history, "register", steps=STEPS)
    wrong = sum(key.linearizable is False for key in verdict.keys)
    sessions = session_guarantees(history)
    broken = {_name(guarantee): len(sessions.of(guarantee)) for guarantee in GUARANTEES}
    summary: dict[str, float | None] = {
        "given_up": 1 - done / len(records) if records else None,
        "stale_read_rate": len(stale) / len(reads) if reads else None,
        "linearizable": None if verdict.linearizable is None else int(verdict.linearizable),
        **_latencies("read", reads),
        **_latencies("write", writes),
        "mean_latency": mean([_took(record) for record in [*reads, *writes]]),
        "messages_per_operation": cluster.sent / len(records) if records else None,
        "lost_writes": lost,
        **broken,
    }
    totals = {
        "operations": len(records),
        "reads": len(reads),
        "writes": len(writes),
        "failed": len(records) - done,
        "stale_reads": len(stale),
        "keys_not_linearizable": wrong,
        "messages": cluster.sent,
        "messages_lost": cluster.lost,
        "hints": cluster.hinted,
        "repairs": cluster.repaired,
        **broken,
    }
    return Result(settings, tuple(records), _series(settings, records, stale), summary, totals)


def _series(settings: Settings, records: Iterable[Record], stale: set[int]) -> dict[str, list[Any]]:
    seconds = range(int(settings.duration))
    in_second: list[list[Record]] = [[] for _ in seconds]
    for record in records:
        if int(record.begun / 1000) < len(in_second):
            in_second[int(record.begun / 1000)].append(record)
    columns: dict[str, list[Any]] = {"t": list(seconds)}
    done = [[record for record in second if record.returned is not None] for second in in_second]
    columns["done"] = [len(second) for second in done]
    columns["failed"] = [len(every) - len(second) for every, second in zip(in_second, done, strict=True)]
    reads = [[record for record in second if record.f == "read"] for second in done]
    columns["stale"] = [
        sum(record.invoked in stale for record in second) / len(second) if second else None for second in reads
    ]
    for f in ("read", "write"):
        columns[f"{f}_p50"] = [quantile([_took(one) for one in second if one.f == f], 0.5) for second in done]
    return columns


def _latencies(name: str, records: Sequence[Record]) -> dict[str, float | None]:
    took = [_took(record) for record in records]
    return {
        f"{name}_mean": mean(took),
        f"{name}_p50": quantile(took, 0.5),
        f"{name}_p99": quantile(took, 0.99),
    }


def _took(record: Record) -> float:
    return (record.ended or 0.0) - record.begun


def _name(guarantee: str) -> str:
    return guarantee.replace(" ", "_") + "_broken"
