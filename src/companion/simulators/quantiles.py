"""Means and quantiles of what was counted, which may be nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum


def mean(values: Sequence[float]) -> float | None:
    """Give the mean; None of none."""
    return fsum(values) / len(values) if values else None


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Take the nearest-rank percentile of ordered values; None if there are none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def quantile(values: Sequence[float], share: float) -> float | None:
    """Take the nearest-rank percentile of values in any order; None if there are none."""
    return percentile(sorted(values), share)
