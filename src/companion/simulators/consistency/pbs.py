"""How soon after a write is a read fresh? Probabilistically bounded staleness, by Monte Carlo over four delays.

A write reaches a replica after W and its acknowledgement comes back after A; a read reaches it after R and its answer
after S. Bailis et al. 2012 call the model WARS; their fits of LinkedIn's stores are in `delays`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from companion.simulators.consistency.delays import disk_write, ssd


def t_visibility(
    network: str, times: Sequence[float], n: int = 3, r: int = 1, w: int = 1, samples: int = 40_000, seed: int = 0
) -> list[float]:
    """Give the share of reads that see a write when they begin so long after its acknowledgement.

    Parameters
    ----------
    network : str
        ``ssd`` or ``disk``: the fits LNKD-SSD and LNKD-DISK.
    times : sequence of float
        How long after the acknowledgement the read begins (ms).
    n, r, w : int
        Replicas, and the quorums of reads and writes.
    samples : int
        Pairs of a write and a read.
    seed : int
        Where every random draw comes from.
    """
    rng = random.Random(seed)
    write = disk_write if network == "disk" else ssd
    needed = []  # of each sample, the earliest beginning of the read at which it is fresh
    for _ in range(samples):
        stored = [write(rng) for _ in range(n)]
        acknowledged = sorted(one + ssd(rng) for one in stored)[w - 1]
        asked = [ssd(rng) for _ in range(n)]
        first = sorted(range(n), key=[one + ssd(rng) for one in asked].__getitem__)[:r]
        needed.append(min(stored[node] - acknowledged - asked[node] for node in first))
    return [sum(one <= time for one in needed) / samples for time in times]
