"""The cache before the service, for the scenario in which it is emptied.

Every attempt looks here first, a retry too: meanwhile another caller's answer may have come. An answer in time puts
its key in for `cache_ttl` seconds from now; where late answers fill as well, one that comes twice renews its key.
The cache starts full, its entries of all ages, as it would be after a long quiet day.
"""

from __future__ import annotations

import random
from bisect import bisect
from itertools import accumulate

from companion.simulators.metastable.settings import Settings


class Cache:
    """Keys that some ask for often and most seldom (Zipf's law), and until when the answer to each is good."""

    def __init__(self, settings: Settings, rng: random.Random) -> None:
        self.ttl, self.fills_late, self.draw = settings.cache_ttl, settings.cache_fill == "late", rng.random
        ranks = range(1, settings.cache_keys + 1)
        self.popularity = list(accumulate(rank**-settings.cache_exponent for rank in ranks))
        self.good_until = [self.draw() * self.ttl for _ in ranks]

    def pick(self) -> int:
        """Draw the key of a request; key 0 is the most popular."""
        return bisect(self.popularity, self.draw() * self.popularity[-1])

    def has(self, key: int, now: float) -> bool:
        """Say whether the answer for a key is there at time `now` (s)."""
        return self.good_until[key] > now

    def fill(self, key: int, now: float) -> None:
        """Put an answer in."""
        self.good_until[key] = now + self.ttl

    def flush(self) -> None:
        """Forget everything."""
        self.good_until = [0.0] * len(self.good_until)
