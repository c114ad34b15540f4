"""The figures of MPI: who tells whom in a broadcast, and how long all wait for the rank with the remainder."""

from __future__ import annotations

from collections.abc import Sequence

from companion.calls.coordination.mpi.theory import (
    even_shares,
    overload,
    remainder_shares,
)  # fmt: skip
from companion.figures import Bar, Figure, Panel, Series, lanes, lines


def figure_tree(sent: Sequence[tuple[int, int, int]]) -> Figure:
    """Draw who sends to whom in which round; `sent` as a `Play` has it."""
    last = max((number for number, _, _ in sent), default=0)
    told = {0} | {receiver for _, _, receiver in sent}
    title = f"After {last} rounds all {len(told)} ranks know it: each that knows tells one more"
    bars = [
        Bar(f"rank {sender}", number - 0.42, number + 0.42, f"to {receiver}", marked=sender == 0)
        for number, sender, receiver in sorted(sent, key=lambda one: (one[1], one[0]))
    ]
    return lanes(title, f"rounds 1 to {last}, from left to right", bars, ticks=False)


def figure_overload(count: int, ranks: Sequence[int]) -> Figure:
    """Draw how many times its due the largest part of an array is, cut in both ways."""
    by_remainder = [overload(remainder_shares(count, p)) for p in ranks]
    evenly = [overload(even_shares(count, p)) for p in ranks]
    worst = max(by_remainder)
    title = (
        f"{count:,} numbers: with the remainder on one rank it gets up to {worst:,.0f} times its share; "
        f"evenly cut, at most {max(evenly):.1f}"
    )
    series = [
        Series("the last takes the rest", ranks, by_remainder),
        Series("parts differ by one at most", ranks, evenly),
    ]
    return lines(title, "ranks", [Panel("largest part over the mean", series, log=True)])
