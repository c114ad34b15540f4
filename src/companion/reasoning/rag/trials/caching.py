"""What a cache of answers saves: by a formula, and by questions that come one after the other.

Questions come at random moments; the i-th of `intents` is asked with probability p_i, and an answer is kept for a time
T. A question that misses is answered and kept, so that the x_i = rate p_i T others of its kind that come while it is
kept hit: of 1 + x_i questions x_i. So the hit rate is the sum of p_i x_i / (1 + x_i).
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate


def zipf(intents: int, wordings: int = 1) -> list[float]:
    """Give probabilities proportional to 1, 1/2, 1/3, ..., each shared out evenly among its wordings."""
    total = sum(1 / rank for rank in range(1, intents + 1))
    return [1 / (rank * total * wordings) for rank in range(1, intents + 1) for _ in range(wordings)]


def hit_rate(shares: Sequence[float], kept: float) -> float:
    """Give the share of questions that a cache answers.

    Parameters
    ----------
    shares : sequence of float
        How likely each question is.
    kept : float
        How many questions, of all kinds, come while an answer is kept: rate times lifetime.
    """
    return sum(share * share * kept / (1 + share * kept) for share in shares)


def simulate(shares: Sequence[float], kept: float, questions: int, seed: int) -> float:
    """Ask so many questions one after the other, and give the share that the cache answered.

    Time is counted in lifetimes of an answer; the first lifetime, in which the cache fills, does not count.
    """
    rng = random.Random(seed)
    edges = [*accumulate(shares)]
    until: dict[int, float] = {}
    now, hits, counted = 0.0, 0, 0
    for _ in range(questions):
        now += rng.expovariate(kept)
        one = bisect(edges, rng.random() * edges[-1])
        hit = until.get(one, 0.0) > now
        if not hit:
            until[one] = now + 1
        if now > 1:
            counted, hits = counted + 1, hits + hit
    return hits / counted if counted else 0.0


def most_faster(hits: float) -> float:
    """Give by how much the mean time can fall, if a hit takes no time at all: 1 / (1 - h)."""
    return 1 / (1 - hits)


def hits_for(faster: float) -> float:
    """Give the hit rate that it takes to be so many times as fast on average, if a hit takes no time at all."""
    return 1 - 1 / faster
