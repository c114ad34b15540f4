"""What the checks of chapter 11's exercises are made of: other ways to the same answers, and things to try."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np

from companion.errors import CompanionError
from companion.services.hybrid_search.many_tenants import crowd


def fused_exactly(rankings: Sequence[Sequence[str]], weights: Sequence[Fraction], k: int) -> dict[str, Fraction]:
    """Fuse lists by rank without rounding, so that equal is equal."""
    total: dict[str, Fraction] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, name in enumerate(ranking, 1):
            total[name] = total.get(name, Fraction(0)) + weight / (k + rank)
    return total


def beats(k: int, weight: Fraction, rank: int) -> bool:
    """Fuse two lists that have one page in common, at that rank: does it beat the first of the first list?"""
    if rank == 1:
        return True
    one = [*(f"a{number}" for number in range(1, rank)), "both"]
    other = [*(f"b{number}" for number in range(1, rank)), "both"]
    fused = fused_exactly([one, other], [weight, 1 - weight], k)
    return fused["both"] > fused["a1"]


def chance_by_counting(differences: Sequence[int]) -> Fraction:
    """Give what `chance_by_trying` does, for lists that are too long for trying.

    The number of ways to each sum is a digit of a product of large numbers, one for each difference.
    """
    digit = len(differences) + 1  # bits, so that no digit runs over
    product, whole = 1, sum(map(abs, differences))
    for one in differences:
        product += product << (digit * 2 * abs(one))
    seen, far = abs(sum(differences)), 0
    for place in range(2 * whole + 1):  # this digit counts the ways to the sum `place - whole`
        if abs(place - whole) >= seen:
            far += product >> (digit * place) & ((1 << digit) - 1)
    return Fraction(far, 2 ** len(differences))


def chance_by_trying(differences: Sequence[int]) -> Fraction:
    """Count, over all ways to turn signs, how often the sum is as far from 0 as it is, or farther."""
    seen = abs(sum(differences))
    sums = [abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
            for signs in product((1, -1), repeat=len(differences))]  # fmt: skip
    return Fraction(sum(one >= seen for one in sums), len(sums))


def remaining(candidates: int, share: float, wanted: int) -> float:
    """Add up the chance that at least so many candidates remain, one candidate after the other."""
    chances = [1.0] + [0.0] * wanted  # of having found 0, 1, ... and at last `wanted` or more
    for _ in range(candidates):
        for found in range(wanted, 0, -1):
            stays = chances[found] * (1.0 if found == wanted else 1 - share)
            chances[found] = stays + chances[found - 1] * share
        chances[0] *= 1 - share
    return chances[wanted]


@dataclass(frozen=True)
class Report:
    """What a load tester prints, all times in seconds.

    Attributes
    ----------
    requests, clients : int
        How many requests were sent, and by how many clients, each of which waits for its answer.
    total, fastest, slowest, mean : float
        The time of the whole test, and of requests.
    percentiles : tuple of (int, float)
        So many in a hundred requests took at most so long.
    """

    requests: int
    clients: int
    total: float
    fastest: float
    slowest: float
    mean: float
    percentiles: tuple[tuple[int, float], ...]


ARTICLE = Report(
    requests=10_000,
    clients=100,
    total=19.8421,
    fastest=0.0089,
    slowest=0.2847,
    mean=0.1974,
    percentiles=((10, 0.0234), (25, 0.0456), (50, 0.1842), (75, 0.3123), (90, 0.4234), (95, 0.4867), (99, 0.5634)),
)
"""The report of the article's load test, as it is printed there."""


PARTS = ((10, 25, 50, 75, 90, 95, 99), (50, 90, 99), (5, 50, 95), (25, 50, 75, 100))
"""Which percentiles a load tester may print."""


def honest_report(rng: random.Random) -> Report:
    """Draw the times of requests, let clients send them one after the other, and report what came out."""
    clients, requests = rng.choice([1, 4, 20, 100]), rng.choice([200, 1000, 5000])
    times = [rng.lognormvariate(-3, rng.choice([0.2, 0.6, 1.0])) for _ in range(requests)]
    free = [0.0] * clients
    for time in times:
        next_one = min(range(clients), key=free.__getitem__)
        free[next_one] += time + rng.choice([0.0, 0.001])
    ordered = sorted(times)
    percentiles = tuple((part, ordered[-(-part * requests // 100) - 1]) for part in rng.choice(PARTS))
    return Report(requests, clients, max(free), ordered[0], ordered[-1], sum(times) / requests, percentiles)


def spoilt_reports(rng: random.Random) -> list[tuple[Report, set[str], str]]:
    """Draw an honest report, and spoil it in one way after the other: each with its faults, and what was done to it."""
    true = honest_report(rng)
    *lower, (part, _) = true.percentiles
    above = replace(true, percentiles=(*lower, (part, true.slowest * 1.5)))
    few = replace(true, total=true.total * true.mean * true.requests / 1e9)
    slow = replace(true, mean=true.slowest * 1.2, total=true.total * 1e4)
    return [
        (true, set(), "a report of what has happened"),
        (above, {"percentile"}, "a percentile above the slowest"),
        (few, {"clients"}, "a billionth of the time for the same requests"),
        (slow, {"mean"}, "a mean above the slowest"),
    ]


MENDED = replace(ARTICLE, slowest=0.6, clients=200)
"""The article's report without its fault: a slowest request that is slower than all percentiles, and clients enough."""


def _with(part: int, time: float, report: Report = MENDED) -> Report:
    """Give a report with another time for one part."""
    return replace(report, percentiles=tuple((one, time if one == part else old) for one, old in report.percentiles))


SPOILT_ARTICLE: list[tuple[Report, set[str], str]] = [
    (ARTICLE, {"percentile"}, "the article's report"),
    (MENDED, set(), "the slowest at 0.6 s"),
    (replace(MENDED, slowest=0.56), set(), "the slowest is 99 % of what 99 % are below: reports are rounded"),
    (replace(MENDED, slowest=0.54), {"percentile"}, "the slowest is 96 % of what 99 % are below"),
    (replace(MENDED, fastest=0.0235), set(), "a tenth below 0.0234 s, and none below 0.0235: reports are rounded"),
    (replace(MENDED, fastest=0.024), {"percentile"}, "a tenth below 0.0234 s, and none below 0.024"),
    (_with(99, 0.4), {"order"}, "99 % below what 95 % are below"),
    (_with(25, 0.02), {"order"}, "a quarter below what a tenth is below"),
    (_with(99, 0.484), set(), "99 % below 0.484 s, and 95 % below 0.4867: reports are rounded"),
    (_with(99, 0.478), {"order"}, "99 % below 0.478 s, and 95 % below 0.4867"),
    (_with(90, 0.4867, _with(95, 0.4835, _with(99, 0.4805))), {"order"}, "99 % below 0.4805 s, 90 % below 0.4867"),
    (_with(75, 0.7), {"percentile", "order"}, "75 % at 0.7 s, above the slowest and above what 90 % are below"),
    (replace(MENDED, mean=0.154), set(), "a mean of 0.154 s, where 0.155 is the least: reports are rounded"),
    (replace(MENDED, mean=0.1525), {"mean"}, "a mean of 0.1525 s, where 0.155 is the least"),
    (replace(MENDED, mean=0.251), set(), "a mean of 0.251 s, where 0.2497 is the most: reports are rounded"),
    (replace(MENDED, mean=0.2545), {"mean"}, "a mean of 0.2545 s, where 0.2497 is the most"),
    (replace(_with(99, 0.4), mean=0.1), {"order"}, "an impossible mean is not judged where an order is wrong"),
    (replace(ARTICLE, mean=0.1), {"percentile"}, "an impossible mean is not judged where a percentile is wrong"),
    (replace(MENDED, clients=99), set(), "99.5 on their way, with 99 clients: reports are rounded"),
    (replace(MENDED, clients=98), {"clients"}, "99.5 on their way, with 98 clients"),
    (replace(ARTICLE, clients=90), {"percentile", "clients"}, "99.5 on their way, 90 clients, and the first fault"),
    (replace(_with(99, 0.4), clients=90), {"order", "clients"}, "99.5 on their way, 90 clients, and a wrong order"),
    (replace(MENDED, mean=0.3, clients=100), {"mean", "clients"}, "151 on their way, 100 clients, and a high mean"),
    (
        replace(MENDED, percentiles=((50, 0.1842), (90, 0.4234)), mean=0.3),
        set(),
        "two percentiles, and a mean of 0.3 s where they allow 0.32",
    ),
]
"""The article's report, and what it would be with other faults."""


class OffThePath(CompanionError):
    """A walk has asked for a vector that no link has led to yet."""


class Graph:
    """Vectors of several tenants with links between near ones, and a question; it notes what a walk asks for.

    Parameters
    ----------
    links : list of list of int
        Of each vector, its neighbours.
    distances : list of float
        Of each vector, its distance from the question.
    own : frozenset of int
        The tenant's own vectors.
    """

    entry = 0

    def __init__(self, links: list[list[int]], distances: list[float], own: frozenset[int]) -> None:
        self.links, self.own = links, own
        self.asked: set[int] = set()
        self._distances = distances
        self._reached = {self.entry}

    def distance(self, number: int) -> float:
        """Give the distance of a vector that a link, from one that was asked for, leads to."""
        self._require(number)
        self.asked.add(number)
        self._reached.update(self.links[number])
        return self._distances[number]

    def allowed(self, number: int) -> bool:
        """Say whether such a vector is the tenant's."""
        self._require(number)
        return number in self.own

    def _require(self, number: int) -> None:
        if number not in self._reached:
            raise OffThePath(f"nothing has led to vector {number} yet")

    def exact(self, wanted: int) -> list[int]:
        """Give the tenant's nearest vectors, the nearest first."""
        return sorted(self.own, key=self._distances.__getitem__)[:wanted]

    def fault(self, numbers: object, wanted: int) -> str:
        """Say what is wrong with an answer, however near it is; nothing if it has so many of the tenant's, in order."""
        if not isinstance(numbers, list):
            return f"{numbers!r} is no list"
        if not self.own.issuperset(numbers):
            return "another tenant's vector was given"
        if len(set(numbers)) < len(numbers):
            return f"{numbers}: one is given twice"
        if len(numbers) != min(wanted, len(self.own)):
            return f"{len(numbers)} are given, where {wanted} are wanted and the tenant has {len(self.own)}"
        far = [self._distances[number] for number in numbers]
        return "" if far == sorted(far) else f"{numbers}: not the nearest first"

    def found(self, numbers: Sequence[int], wanted: int) -> float:
        """Give the share of the tenant's nearest that an answer has."""
        nearest = self.exact(wanted)
        return len(set(nearest).intersection(numbers)) / len(nearest)


def graphs(seed: int, rows: int, share: float, questions: int, near: int = 12) -> list[Graph]:
    """Draw vectors around topics, link each with its nearest and with a few at random, and ask.

    The random links are what lets a search leave the topic that it begins in; HNSW has its upper layers for that.
    """
    rng = np.random.default_rng(seed)
    people = crowd((rows,), seed, questions)
    nearest = np.argsort(-(people.vectors @ people.vectors.T), axis=1)[:, 1 : near + 1]
    far = rng.integers(rows, size=(rows, 4))
    links: list[set[int]] = [set() for _ in range(rows)]
    for one, others in enumerate(np.hstack([nearest, far]).tolist()):
        for other in others:
            if other != one:
                links[one].add(other)
                links[other].add(one)
    found = []
    for question in people.questions:
        distances: list[float] = (1 - people.vectors @ question).tolist()
        own = frozenset(np.flatnonzero(rng.random(rows) < share).tolist())
        found.append(Graph([sorted(one) for one in links], distances, own))
    return found
