"""What can be said without a simulator: order statistics of a quorum, stale quorums, gossip, chains and fan-outs."""

from __future__ import annotations

import random
from math import comb, fsum, log, log2

PUSH = "push"
PUSH_PULL = "push-pull"


def quorum_latency(of: int, wait_for: int, mean: float = 1.0) -> float:
    """Give the mean of the k-th fastest of N exponential answers.

    Parameters
    ----------
    of, wait_for : int
        N and k.
    mean : float
        Of one answer; the result has its unit.

    Notes
    -----
    ``mean * sum(1 / (N - i) for i in range(k))``: between two answers the fastest of those that are left comes next.
    """
    return mean * fsum(1.0 / (of - i) for i in range(wait_for))


def serial_latency(wait_for: int, mean: float = 1.0) -> float:
    """Give the mean of k answers that are asked for one after the other."""
    return wait_for * mean


def stale_probability(n: int, r: int, w: int, versions: int = 1) -> float:
    """Give the probability that a read quorum misses the last k write quorums, all drawn at random (PBS k-staleness).

    ``[C(N-W, R) / C(N, R)] ** k``; nothing spreads beyond the write quorum. Bailis et al. 2012, equation 2.
    """
    return (comb(n - w, r) / comb(n, r)) ** versions


def sampled_stale(n: int, r: int, w: int, samples: int, seed: int = 0) -> float:
    """Draw quorums, and count the share of reads that miss the last write."""
    rng = random.Random(seed)
    nodes = range(n)
    missed = sum(set(rng.sample(nodes, r)).isdisjoint(rng.sample(nodes, w)) for _ in range(samples))
    return missed / samples


def gossip_rounds(n: int, way: str = PUSH) -> float:
    """Give the leading terms of the rounds until all of n have heard a rumour.

    ``log2 n + ln n`` where each who knows tells another (Pittel 1987), ``log3 n + log2 ln n`` where each also asks
    (Karp et al. 2000).
    """
    return log2(n) + log(n) if way == PUSH else log(n, 3) + log2(log(n))


def gossip(n: int, way: str = PUSH, seed: int = 0) -> int:
    """Simulate a rumour among n nodes in synchronous rounds, on the state at the round's start; give the rounds."""
    rng = random.Random(seed)
    knows = [False] * n
    knows[0] = True
    rounds = 0
    while not all(knows):
        rounds += 1
        now = list(knows)
        for node in range(n):
            other = rng.randrange(n - 1)
            other += other >= node
            if knows[node]:
                now[other] = True
            elif way == PUSH_PULL and knows[other]:
                now[node] = True
        knows = now
    return rounds


def chain_availability(share: float, hops: int) -> float:
    """Give the availability of a chain in which every hop must answer."""
    return float(share**hops)


def fan_out_tail(share: float, calls: int) -> float:
    """Give the probability that at least one of many parallel calls is among the slowest `share` of its service."""
    return 1.0 - (1.0 - share) ** calls
