"""What supervision must do, in closed form: who gives up, after how many starts, and when a silence is noticed."""

from __future__ import annotations


def gives_up(lives: float, starting: float, restarts: int, within: float) -> bool:
    """Say whether a child that keeps crashing ends its supervisor.

    From one crash to the next it takes `lives` + `starting`. The crash that is one too many comes after R restarts, so
    the first and the last of these R + 1 crashes are R (D + S) apart, and must lie within T.

    Parameters
    ----------
    lives : float
        D: seconds from being up to the crash.
    starting : float
        S: seconds from being started to being up.
    restarts : int
        R: so many restarts are allowed...
    within : float
        T: ... within so many seconds.
    """
    return restarts * (lives + starting) <= within


def starts_until_end(restarts: int) -> int:
    """Return how often a child has been started when its supervisor gives up: R + 1 times, however long it lives."""
    return restarts + 1


def leaf_starts(restarts: int, depth: int) -> int:
    """Return how often a child has been started when all of `depth` supervisors above each other have given up."""
    starts: int = starts_until_end(restarts) ** depth
    return starts


def noticed_after(interval: float, missed: int) -> tuple[float, float]:
    """Return the bounds of the time from a hang to its detection by heartbeats, in the unit of `interval`.

    The last heartbeat came at most one interval before the hang; silence counts from there.
    """
    return (missed - 1) * interval, missed * interval


__all__ = ["gives_up", "leaf_starts", "noticed_after", "starts_until_end"]
