"""How long a message takes, in ms: a network of the reader's own, or what was measured at LinkedIn.

References: Bailis et al. 2012 (PBS), table 3: fits of production latencies, one way.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

NETWORKS = ("lan", "wan", "exponential", "ssd", "disk")
Draw = Callable[[random.Random], float]


def exponential(rng: random.Random, rate: float) -> float:
    """Draw from an exponential distribution; `rate` is 1/mean."""
    return -math.log(1.0 - rng.random()) / rate


def pareto(rng: random.Random, scale: float, shape: float) -> float:
    """Draw from a Pareto distribution that begins at `scale`."""
    return float(scale * (1.0 - rng.random()) ** (-1.0 / shape))


def ssd(rng: random.Random) -> float:
    """Draw a message of LNKD-SSD (ms): 91.22 % Pareto(.235, 10), else Exp(1.66)."""
    return pareto(rng, 0.235, 10.0) if rng.random() < 0.9122 else exponential(rng, 1.66)


def disk_write(rng: random.Random) -> float:
    """Draw a write request of LNKD-DISK (ms): 38 % Pareto(1.05, 1.51), else Exp(.183)."""
    return pareto(rng, 1.05, 1.51) if rng.random() < 0.38 else exponential(rng, 0.183)


def lan(rng: random.Random, mean: float) -> float:
    """Draw a message that takes nine tenths of the mean, and an exponential tenth (ms)."""
    return mean * (0.9 + 0.1 * exponential(rng, 1.0))


def delay(network: str, mean: float, rng: random.Random, *, near: bool, writes: bool, reply: bool = False) -> float:
    """Draw what a message takes between a client and a node, or between two nodes (ms).

    Parameters
    ----------
    network : str
        One of `NETWORKS`.
    mean : float
        Its mean where the network has a scale (ms).
    rng : random.Random
        Where it is drawn from.
    near : bool
        Whether both live at one site.
    writes : bool
        Whether it carries a value to be stored.
    reply : bool
        Whether it is the answer to another: an exponential network draws both ways at once, for the first.
    """
    if network == "ssd":
        return ssd(rng)
    if network == "disk":
        return disk_write(rng) if writes else ssd(rng)
    if network == "exponential":
        return exponential(rng, 1.0 / mean) if mean and not reply else 0.0
    return lan(rng, mean / 20 if near and network == "wan" else mean)
