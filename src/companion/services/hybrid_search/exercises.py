"""What the checks of chapter 11's exercises are made of: other ways to the same answers, and things to try."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from companion.services.hybrid_search.many_tenants import crowd


def chance_by_trying(differences: Sequence[int]) -> Fraction:
    """Count, over all ways to turn signs, how often the sum is as far from 0 as it is, or farther."""
    seen = abs(sum(differences))
    sums = [abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
            for signs in product((1, -1), repeat=len(differences))]  # fmt: skip
    return Fraction(sum(one >= seen for one in sums), len(sums))


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


def honest_report(rng: random.Random) -> Report:
    """Draw the times of requests, let clients send them one after the other, and report what came out."""
    clients, requests = rng.choice([1, 4, 20, 100]), rng.choice([200, 1000, 5000])
    times = [rng.lognormvariate(-3, rng.choice([0.2, 0.6, 1.0])) for _ in range(requests)]
    free = [0.0] * clients
    for time in times:
        next_one = min(range(clients), key=free.__getitem__)
        free[next_one] += time + rng.choice([0.0, 0.001])
    ordered = sorted(times)
    percentiles = tuple((part, ordered[-(-part * requests // 100) - 1]) for part in (10, 25, 50, 75, 90, 95, 99))
    return Report(requests, clients, max(free), ordered[0], ordered[-1], sum(times) / requests, percentiles)


@dataclass(frozen=True)
class Graph:
    """Vectors of several tenants with links between near ones, and a question.

    Attributes
    ----------
    links : list of list of int
        Of each vector, its neighbours.
    entry : int
        Where a search begins.
    distance : callable
        From a vector's number to its distance from the question.
    asked : list of int
        The numbers that `distance` was asked for, in order.
    allowed : frozenset of int
        The tenant's own vectors.
    """

    links: list[list[int]]
    entry: int
    distance: Callable[[int], float]
    asked: list[int]
    allowed: frozenset[int]

    def exact(self, wanted: int) -> set[int]:
        """Give the tenant's nearest vectors."""
        return set(sorted(self.allowed, key=self.distance)[:wanted])


def graphs(seed: int, rows: int, share: float, questions: int, near: int = 12) -> list[Graph]:
    """Draw vectors around topics, link each with its nearest and with a few at random, and ask.

    The random links are what lets a search leave the topic that it begins in; HNSW has its upper layers for that.
    """
    rng = np.random.default_rng(seed)
    people = crowd((rows,), seed, questions)
    likeness = people.vectors @ people.vectors.T
    nearest = np.argsort(-likeness, axis=1)[:, 1 : near + 1]
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
        allowed = frozenset(np.flatnonzero(rng.random(rows) < share).tolist())
        found.append(_graph([sorted(one) for one in links], distances, allowed))
    return found


def _graph(links: list[list[int]], distances: list[float], allowed: frozenset[int]) -> Graph:
    asked: list[int] = []

    def distance(number: int) -> float:
        asked.append(number)
        return distances[number]

    return Graph(links, 0, distance, asked, allowed)
