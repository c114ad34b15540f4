"""What the checks of chapter 3's exercises on servers need: a client in a closed loop, and what it left out."""

from __future__ import annotations

from collections.abc import Sequence


def closed_loop(stop: int, until: int, interval: int = 10, service: int = 10, end: int = 5000) -> list[tuple[int, int]]:
    """Play a client that waits for a server which stands still once; all in ms.

    Returns
    -------
    list of (int, int)
        When each request was sent and answered.
    """
    made, now = [], 0
    while now < end:
        done = (until if stop <= now < until else now) + service
        made.append((now, done))
        now = max(now + interval, done)
    return made


def intended(samples: Sequence[tuple[int, int]], interval: int) -> list[int]:
    """Give the latencies from all intended moments, the shortest first."""
    moments = range(0, samples[-1][0] + 1, interval)
    return sorted(min(done for _, done in samples if done > moment) - moment for moment in moments)
