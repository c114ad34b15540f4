"""The axis of time: minutes to pixels, hours of nothing cut short, and marks that never lie on each other."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from companion.operations.postmortems.drawing.scene import width_of
from companion.operations.postmortems.phases import DAY, lasting

QUIET = 180
"""Minutes without an entry that may be cut short, if they also are half of all that is left."""

CUT = 90
"""Pixels that remain of them: room for the words that tell how long it was."""

APART = 3
"""Pixels between two marks, at least."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 365 * DAY)


@dataclass(frozen=True)
class Axis:
    """Where a minute stands.

    Attributes
    ----------
    moments, places : tuple of float
        Minutes, rising, and the pixels at which they stand; between two it is linear.
    cuts : tuple of (float, float)
        Stretches of minutes that are drawn shorter than they were.
    scale : float
        Pixels a minute outside of those.
    """

    moments: tuple[float, ...]
    places: tuple[float, ...]
    cuts: tuple[tuple[float, float], ...]
    scale: float

    def place(self, minute: float) -> float:
        """Give the pixel of a minute; what lies outside stands at the end."""
        if minute <= self.moments[0]:
            return self.places[0]
        if minute >= self.moments[-1]:
            return self.places[-1]
        after = bisect.bisect_right(self.moments, minute)
        (a, b), (left, right) = self.moments[after - 1 : after + 1], self.places[after - 1 : after + 1]
        return left + (right - left) * (minute - a) / (b - a)

    def labels(self, size: float) -> list[tuple[float, str, bool]]:
        """List what stands below the axis: the pixel, the words, and whether they tell of a cut; none overlaps."""
        found = [((self.place(a) + self.place(b)) / 2, lasting(b - a), True) for a, b in self.cuts]
        taken = [(x - width_of(text, size) / 2, x + width_of(text, size) / 2) for x, text, _ in found]
        step = next((step for step in STEPS if step * self.scale >= 66), STEPS[-1])
        first, last = self.moments[0], self.moments[-1]
        ticks = [first] if first == last else self._ticks(step)
        for tick in ticks:
            x, text = self.place(tick), clock(tick)
            left, right = x - width_of(text, size) / 2, x + width_of(text, size) / 2
            if all(right + 6 < one or left - 6 > other for one, other in taken):
                taken.append((left, right))
                found.append((x, text, False))
        return sorted(found)

    def _ticks(self, step: float) -> list[float]:
        """List the round moments outside the cuts, and the ends of a stretch that has none."""
        ticks: list[float] = []
        edges = [self.moments[0], *(edge for cut in self.cuts for edge in cut), self.moments[-1]]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            first = math.ceil(start / step)
            within = [n * step for n in range(first, min(int(end // step), first + 40) + 1)]
            ticks += within or [start]
        return ticks


def axis(moments: Sequence[float], left: float, right: float) -> Axis:
    """Lay out an axis over the moments of a timeline, of which there is at least one."""
    points = sorted(set(moments))
    gaps = [(b - a, n) for n, (a, b) in enumerate(itertools.pairwise(points))]
    rest, cut = points[-1] - points[0], set[int]()
    for length, n in sorted(gaps, reverse=True)[:3]:
        if length >= QUIET and length > rest / 2 and len(cut) < len(gaps) - 1:
            cut.add(n)
            rest -= length
    scale = (right - left - CUT * len(cut)) / rest if rest else 0.0
    places = [left if len(points) > 1 else (left + right) / 2]
    for length, n in gaps:
        places.append(places[-1] + (CUT if n in cut else length * scale))
    return Axis(tuple(points), tuple(places), tuple((points[n], points[n + 1]) for n in sorted(cut)), scale)


def clock(minute: float) -> str:
    """Write a moment: ``14:32``, and ``+1 d 00:15`` on the next day."""
    day, within = divmod(round(minute), DAY)
    time = f"{within // 60:02d}:{within % 60:02d}"
    return f"{day:+d} d {time}" if day else time


def pills(marks: Sequence[tuple[int, float]], size: float) -> list[tuple[float, float, str]]:
    """Gather marks that would overlap: the middle, the width, and the words, such as ``3`` or ``3–5``.

    Parameters
    ----------
    marks : sequence of (int, float)
        Number and pixel of each; both rise.
    size : float
        Of the font.
    """
    groups = [[mark] for mark in marks]
    while True:
        merged: list[list[tuple[int, float]]] = []
        edge = -math.inf
        for group in groups:
            x, width, _ = _pill(group, size)
            if merged and x - width / 2 < edge + APART:
                merged[-1] = [*merged[-1], *group]
            else:
                merged.append(group)
            edge = x + width / 2
        if len(merged) == len(groups):
            break
        groups = merged
    drawn: list[tuple[float, float, str]] = []
    for part in (part for group in groups for part in _split(group, size)):
        x, width, words = _pill(part, size)
        if drawn:
            x = max(x, drawn[-1][0] + (drawn[-1][1] + width) / 2 + APART)
        drawn.append((x, width, words))
    return drawn


def _split(group: list[tuple[int, float]], size: float) -> list[list[tuple[int, float]]]:
    """Cut a crowd, of which each is near the next, into parts that have room for a pill each."""
    reach = max(36.0, width_of(f"{group[0][0]}–{group[-1][0]}", size, bold=True) + 10 + APART)
    parts = [[group[0]]]
    for mark in group[1:]:
        if mark[1] - parts[-1][0][1] < reach:
            parts[-1].append(mark)
        else:
            parts.append([mark])
    return parts


def _pill(group: list[tuple[int, float]], size: float) -> tuple[float, float, str]:
    (first, left), (last, right) = group[0], group[-1]
    words = f"{first}" if first == last else f"{first}–{last}"
    return (left + right) / 2, width_of(words, size, bold=True) + 10, words
