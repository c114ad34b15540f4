"""The chapter's experiments: the price of distance, levels during a partition, PACELC by measurement, a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from types import MappingProxyType
from typing import Any

from companion.parameters import chosen
from companion.simulators.consistency.model import run
from companion.simulators.consistency.result import Result
from companion.simulators.consistency.settings import PRESETS, Settings
from companion.simulators.consistency.theory import quorum_latency, serial_latency
from companion.simulators.quantiles import quantile
from companion.sweep import sweep

LEVELS = ("one", "one+gossip", "majority", "majority+writeback", "all")
"""From cheap to dear. Where reads write back, versions come from a quorum too: a clock that is off would undo it."""

CUT: Mapping[str, Any] = MappingProxyType({"partition_active": True, "partition_start": 5.0, "partition_seconds": 5.0,
                                           "duration": 15.0, "timeout": 250.0})  # fmt: skip


@dataclass(frozen=True)
class Price:
    """What a quorum costs (ms): measured, by order statistics, and if replicas were asked one after the other.

    `reads` is the number of those that were measured.
    """

    measured: float
    expected: float
    serial: float
    reads: int


def price_of_quorums(
    shared: Sequence[float], mean: float = 100.0, n_nodes: int = 5, scheduler: str | None = None
) -> dict[Any, Price]:
    """Measure the mean latency of a read for each quorum, by how much of an answer's time all answers share.

    Parameters
    ----------
    shared : sequence of float
        Of an answer's mean, what every answer takes alike, such as the distance (ms); the rest is exponential, drawn
        for each answer by itself.
    mean : float
        Of one answer, there and back (ms).
    n_nodes : int
        Replicas.
    scheduler : str, optional
        See `companion.sweep`.

    Returns
    -------
    dict
        ``{(quorum, shared): Price}``.
    """
    grid: dict[str, list[Any]] = {"read_quorum": list(range(1, n_nodes + 1)), "base_latency": list(shared)}
    found = sweep(_parallel_reads, {**grid, "mean": [mean], "n_nodes": [n_nodes]}, scheduler)
    return {
        (quorum, alike): Price(
            took, alike + quorum_latency(n_nodes, quorum, mean - alike), serial_latency(quorum, mean), reads
        )
        for (quorum, alike, *_), (took, reads) in found.items()
    }


def _parallel_reads(mean: float, base_latency: float, **values: Any) -> tuple[float, int]:
    """Give the mean of the k-th fastest of N answers, as a run's clients pay it (ms), and of how many."""
    settings = dict(
        consistency_level="custom", network="exponential", network_latency=mean - base_latency,
        base_latency=base_latency, write_ratio=0.0, n_clients=20, duration=10.0, think_time=10.0, timeout=60_000.0,
        **values,
    )  # fmt: skip
    result = run(chosen("majority", PRESETS, settings))
    return result.summary["read_mean"] or 0.0, result.totals["reads"]


@dataclass(frozen=True)
class Pair:
    """The same clients and seconds twice: with the partition, and when all is well."""

    cut: Result
    well: Result

    @property
    def answered(self) -> float:
        """How much is answered while cut, as a share of what is answered in those seconds when all is well.

        Not of what is asked: clients who wait in vain ask less, and that share would flatter.
        """
        return float(sum(self.cut.series["done"][5:10]) / max(1, sum(self.well.series["done"][5:10])))

    @property
    def stale(self) -> float:
        """The stale share of the reads while cut."""
        return stale_while_cut(self.cut) or 0.0


def pair(level: str, **values: Any) -> Pair:
    """Run one of `LEVELS` with two of five nodes cut off from the fifth second to the tenth, and without."""
    given = {**CUT, "consistency_level": level, **values}
    if level == "majority+writeback":
        given["versions"] = "query"
    settings = chosen("majority", PRESETS, given)
    return Pair(run(settings), run(chosen(settings, PRESETS, {"partition_active": False})))


def during_partition(seed: int = 11) -> dict[str, Pair]:
    """Run each level through the same partition, two of five nodes cut off."""
    return {level: pair(level, seed=seed) for level in LEVELS}


@dataclass(frozen=True)
class Candidate:
    """A level on a reader's own network.

    Attributes
    ----------
    level : str
        One of `LEVELS`.
    p99 : float
        The 99th percentile of all operations' latency without a fault (ms).
    stale : float
        The share of stale reads during a partition.
    answered : float
        The share of the operations of a healthy run that is answered during a partition.
    linearizable : bool
        Whether the run with the partition was.
    refused_for : tuple of str
        The wishes that it does not meet; empty if it will do.
    """

    level: str
    p99: float
    stale: float
    answered: float
    linearizable: bool
    refused_for: tuple[str, ...]


def decide(
    latency: float, write_ratio: float, *, most_stale: float = 0.0, most_p99: float = 1000.0,
    least_answered: float = 0.0, linearizable: bool = False, seed: int = 11,
) -> list[Candidate]:  # fmt: skip
    """Try each level on the reader's own numbers, with and without a partition; the cheapest comes first.

    Parameters
    ----------
    latency : float
        Of a message one way (ms).
    write_ratio : float
        The share of operations that write.
    most_stale : float
        The largest tolerable share of stale reads during a partition.
    most_p99 : float
        The largest tolerable 99th percentile (ms).
    least_answered : float
        The smallest tolerable share of operations that are answered during a partition.
    linearizable : bool
        Whether one copy must be able to explain everything, by promise and not by luck.
    seed : int
        Where every random draw comes from.
    """
    found = []
    for level in LEVELS:
        timeout = max(250.0, 10 * latency)
        both = pair(level, network_latency=latency, write_ratio=write_ratio, seed=seed, timeout=timeout)
        p99 = max(both.well.summary["read_p99"] or 0.0, both.well.summary["write_p99"] or 0.0)
        stale, answered = both.stale, both.answered
        whole = both.cut.summary["linearizable"] == 1
        wishes = {
            f"p99 above {most_p99:g} ms": p99 > most_p99,
            f"more than {most_stale:g} of its reads are stale": stale > most_stale,
            f"answers less than {least_answered:g} during a partition": answered < least_answered,
            "not linearizable": linearizable and not (whole and promise_of(both.cut.settings) == "linearizable"),
        }
        refused = tuple(wish for wish, missed in wishes.items() if missed)
        found.append(Candidate(level, p99, stale, answered, whole, refused))
    return sorted(found, key=lambda one: (len(one.refused_for) > 0, one.p99))


def stale_while_cut(result: Result) -> float | None:
    """Give the stale share of the reads that began while nodes were cut off."""
    shares = [share for share in result.series["stale"][5:10] if share is not None]
    return fsum(shares) / len(shares) if shares else None


@dataclass(frozen=True)
class Placement:
    """Where a configuration stands in PACELC, by measurement.

    As Abadi (2012) has it for PNUTS, C under a partition need not be linearizable: it means not to fall below what is
    promised without one.

    Attributes
    ----------
    partitioned : str
        ``C`` if during the partition operations are refused, and the run with it keeps the promise; else ``A``.
    otherwise : str
        ``L`` if without it a read takes no longer than the way to another site, else ``C``.
    promise : str
        What C was judged by, one of `PROMISES`.
    kept : bool
        Whether the run with the partition keeps it.
    linearizable : bool
        Whether one copy could have answered the same, with the partition.
    answered : float
        What is answered while cut, as a share of what is answered when all is well.
    latency, write_latency : float
        What a read and a write take without the partition (ms): the median over clients of each one's median, as
        those who are near ask more often.
    """

    partitioned: str
    otherwise: str
    promise: str
    kept: bool
    linearizable: bool
    answered: float
    latency: float
    write_latency: float

    @property
    def letters(self) -> str:
        """Write it in Abadi's way."""
        return f"P{self.partitioned}/E{self.otherwise}"


CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "one of three, gossip": {"consistency_level": "one+gossip"},
        "majority, sloppy": {"consistency_level": "majority", "sloppy_quorum": True},
        "majority": {"consistency_level": "majority"},
        "majority, write-back": {"consistency_level": "majority+writeback", "versions": "query"},
        "all": {"consistency_level": "all"},
        "primary, nearest read": {"consistency_level": "timeline"},
        "primary alone, failover": {"consistency_level": "failover"},
        "primary, all confirmed": {"consistency_level": "failover", "write_quorum": 2, "confirm_reads": True},
    }
)
"""Kinds of configuration, not products: the same store stands in several places, by its settings."""

PROMISES: Mapping[str, Callable[[Result], bool]] = MappingProxyType(
    {
        "linearizable": lambda result: result.summary["linearizable"] == 1 and not result.summary["lost_writes"],
        "no stale read": lambda result: result.totals["stale_reads"] == 0,
        "timeline": lambda result: (
            result.summary["monotonic_reads_broken"] == 0 and result.summary["monotonic_writes_broken"] == 0
        ),
        "eventual": lambda result: True,
    }
)
"""What a configuration may promise, and how to tell whether a run has kept it.

A history may be linearizable though an acknowledged write was lost, if another replaced it unread; that is luck, and
breaks the promise. A timeline is judged by what sessions see of it: nobody reads something older than before, or writes
in another order. Whoever is eventual promises nothing of any one read.
"""


def promise_of(settings: Settings) -> str:
    """Say which of `PROMISES` a configuration makes while nothing breaks; overlap alone spares no lone read."""
    level, (reads, writes) = settings.consistency_level, settings.quorums
    if level == "timeline":
        return "timeline"
    if level in ("failover", "all") or (settings.writes_back and settings.versions == "query"):
        return "linearizable"
    return "no stale read" if reads + writes > settings.n_nodes else "eventual"


def place(values: Mapping[str, Any], latency: float = 40.0, seed: int = 11) -> Placement:
    """Measure a configuration of three replicas, each with clients beside it, and a partition that cuts one off.

    Parameters
    ----------
    values : mapping
        What is set of it.
    latency : float
        Of a message between two sites one way (ms); a twentieth within one.
    seed : int
        Where every random draw comes from.
    """
    site = {"n_nodes": 3, "cut_nodes": 1, "network": "wan", "network_latency": latency, "n_keys": 1, "seed": seed}
    cut = run(chosen("majority", PRESETS, {**CUT, **site, **values, "timeout": 10 * latency}))
    calm = run(chosen("majority", PRESETS, {**CUT, **site, **values, "partition_active": False}))
    done, failed = sum(cut.series["done"][6:9]), sum(cut.series["failed"][6:9])
    usual = sum(calm.series["done"][6:9])
    took = _typical(calm, "read")
    promise = promise_of(cut.settings)
    kept = PROMISES[promise](cut)
    return Placement(
        "C" if failed and kept else "A",
        "L" if took < latency else "C",
        promise,
        kept,
        cut.summary["linearizable"] == 1,
        done / max(1, usual),
        took,
        _typical(calm, "write"),
    )


def _typical(result: Result, f: str) -> float:
    """Give what an operation takes for the client in the middle (ms)."""
    took: dict[int, list[float]] = {}
    for one in result.history:
        if one.f == f and one.returned is not None and one.ended is not None:
            took.setdefault(one.client, []).append(one.ended - one.begun)
    return quantile([quantile(times, 0.5) or 0.0 for times in took.values()], 0.5) or 0.0
