"""Five slices of cheese and 240 problems, recorded for the player: who is stopped where, as more holes are shared.

Heights are whole thousandths here. Each layer has ten holes; hole k stands at a place of its own until more than k
holes are shared, and from then on where all layers have it. The same problems come whatever is shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from companion.operations.postmortems.swiss_cheese import passing
from companion.player import Trace, pack, play

LAYERS = ("review", "tests", "canary", "alerts", "rollback")
HOLES = 10
WIDE, TALL = 30, 1000
"""A hole, and a layer, in thousandths of the layer's height."""

PROBLEMS = 240
PACE, HOP = 0.1, 0.3
"""Seconds from one problem to the next, and from one layer to the next."""

END = 26.0
"""Seconds; by then the last problem has passed or been stopped."""

RUNS = {"no hole shared": 0, "a third shared": 3, "all shared": HOLES}
"""What the buttons show: how many of the ten holes are shared."""


_WORDS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True)
class Stack:
    """Where the holes of five layers begin; a hole that reaches the top goes on from the bottom.

    Attributes
    ----------
    common : tuple of int
        Where hole k stands once it is shared.
    own : tuple of tuple of int
        Where hole k of each layer stands before.
    """

    common: tuple[int, ...]
    own: tuple[tuple[int, ...], ...]

    def holes(self, layer: int, shared: int) -> tuple[int, ...]:
        """Say where the holes of a layer begin when so many are shared."""
        return self.common[:shared] + self.own[layer][shared:]

    def stopped(self, height: int, shared: int) -> int:
        """Give the place of the layer that stops a problem of this height; their number if none does."""
        found = (layer for layer in range(len(self.own)) if not self._passes(height, layer, shared))
        return next(found, len(self.own))

    def _passes(self, height: int, layer: int, shared: int) -> bool:
        return any((height - start) % TALL < WIDE for start in self.holes(layer, shared))


def stack(seed: int) -> Stack:
    """Lay the holes by chance, so that a layer's holes never overlap, however many are shared."""
    chance = Random(seed)
    common = _apart(chance)
    chance.shuffle(common)
    return Stack(tuple(common), tuple(tuple(_own(common, chance)) for _ in LAYERS))


def _apart(chance: Random) -> list[int]:
    """Lay ten holes that do not overlap, from the bottom to the top."""
    places = sorted(chance.sample(range(TALL - HOLES * (WIDE - 1)), HOLES))
    return [place + number * (WIDE - 1) for number, place in enumerate(places)]


def _own(common: Sequence[int], chance: Random) -> list[int]:
    """Lay a layer's own holes anywhere, and number them so that each has left before another comes to its place."""
    while True:
        turn = chance.randrange(TALL)
        places = [(place + turn) % TALL for place in _apart(chance)]
        numbers = _numbered([_last(place, common) for place in places], chance)
        if numbers:
            return [place for _, place in sorted(zip(numbers, places, strict=True))]


def _numbered(last: Sequence[int], chance: Random) -> list[int]:
    """Draw one of all ways to number holes of which none may have more than its last number; nothing if there is none.

    Whoever has least to choose from chooses first: how much is left to the others does not depend on the choice, so
    each way is as likely as another.
    """
    numbers = dict[int, int]()
    for hole in sorted(range(len(last)), key=lambda hole: last[hole]):
        free = sorted({*range(last[hole] + 1)} - {*numbers.values()})
        if not free:
            return []
        numbers[hole] = chance.choice(free)
    return [numbers[hole] for hole in range(len(last))]


def _last(place: int, common: Sequence[int]) -> int:
    """Give the last number that a hole at this place may have: that of the first shared hole which overlaps it."""
    taken = (
        number for number, other in enumerate(common) if min((place - other) % TALL, (other - place) % TALL) < WIDE
    )
    return next(taken, HOLES - 1)


@dataclass(frozen=True)
class Level:
    """What becomes of the problems when so many holes are shared.

    Attributes
    ----------
    shared : int
        How many of the ten.
    stopped : tuple of int
        For each problem, the place of the layer that stops it; the number of layers if it is an incident.
    """

    shared: int
    stopped: tuple[int, ...]

    @property
    def expected(self) -> float:
        """The share of problems that the closed form expects to become incidents."""
        return passing([HOLES * WIDE / TALL] * len(LAYERS), self.shared / HOLES)[-1]

    def over(self, number: int) -> float:
        """Say when a problem is stopped, or has passed all layers (s)."""
        return round(PACE * number + HOP * (self.stopped[number] + 1), 2)

    def counts(self, time: float = END) -> list[int]:
        """Count what each layer has stopped by then, and last the incidents."""
        over = [stop for number, stop in enumerate(self.stopped) if self.over(number) <= time]
        return [over.count(place) for place in range(len(LAYERS) + 1)]


def levels(seed: int) -> tuple[Stack, tuple[int, ...], list[Level]]:
    """Lay the holes, let the problems come, and judge them with none, one, and up to all holes shared.

    Parameters
    ----------
    seed : int
        Where the random numbers begin.

    Returns
    -------
    tuple of Stack, tuple of int, and list of Level
        The layers, the heights of the problems in their order, and what becomes of them.
    """
    laid = stack(seed)
    heights = _heights(Random(f"problems {seed}"))
    judged = [Level(shared, tuple(laid.stopped(height, shared) for height in heights)) for shared in range(HOLES + 1)]
    return laid, heights, judged


def _heights(chance: Random) -> tuple[int, ...]:
    """Draw one height from each 240th of a layer's height, in an order by chance.

    At random heights so few problems would miss the expected share by three points, and hide what a shared hole does.
    """
    heights = [int(TALL * (number + chance.random()) / PROBLEMS) for number in range(PROBLEMS)]
    chance.shuffle(heights)
    return tuple(heights)


def films(seed: int) -> list[Trace]:
    """Record the problems for the player; every film holds all levels, so that its slider can go to any.

    Parameters
    ----------
    seed : int
        Where the random numbers begin.
    """
    laid, heights, judged = levels(seed)
    told = [tuple(tell(level)) for level in judged]
    data: dict[str, Any] = {
        "layers": LAYERS,
        "wide": WIDE,
        "pace": PACE,
        "hop": HOP,
        "runs": RUNS,
        "common": pack(laid.common),
        "own": [pack(places) for places in laid.own],
        "heights": pack(heights),
        "levels": [
            {"stopped": "".join(map(str, level.stopped)), "expected": round(level.expected, 5), "steps": steps}
            for level, steps in zip(judged, told, strict=True)
        ],
    }
    return [Trace(name, 0.0, END, told[shared], data) for name, shared in RUNS.items()]


def play_cheese(seed: int) -> None:
    """Show problems that fly at five layers, and a slider that moves the layers' holes into line.

    Parameters
    ----------
    seed : int
        Where the random numbers begin.
    """
    alt = (
        "Five upright slices with holes: review, tests, canary, alerts, rollback. Problems fly from the left at their "
        "heights. A cross stays where a slice stopped one; a dot right of the last slice is an incident. "
        "Below stands how many of each there are."
    )
    play("cheese", "240 problems meet five layers, each with holes in 30 % of it", films(seed), alt=alt)


def tell(level: Level) -> Iterator[tuple[float, str]]:
    """Say what there is to see when so many holes are shared, and when (s).

    Parameters
    ----------
    level : Level
        What becomes of the problems.
    """
    steps = [(0.0, _laid(level.shared)), (END / 2, _halfway(level)), (END, _ended(level))]
    deepest = max((place for place in level.stopped if place < len(LAYERS)), default=0)
    if deepest > 1:
        number = level.stopped.index(deepest)
        passed = f"Problem {number + 1} has passed {_WORDS[deepest].lower()} layers; {LAYERS[deepest]} stops it."
        steps.append((level.over(number), passed))
    if len(LAYERS) in level.stopped:
        number = level.stopped.index(len(LAYERS))
        steps.append((level.over(number), f"Problem {number + 1} has met a hole in every layer: the first incident."))
    yield from sorted(steps)


def _laid(shared: int) -> str:
    others = f"{_WORDS[shared]} of ten holes are at the same heights in all layers; the others are anywhere."
    return {
        0: "No hole is shared: the ten of each layer are anywhere.",
        1: "One of ten holes is at the same height in all layers; the others are anywhere.",
        HOLES: "All ten holes are at the same heights in all layers.",
    }.get(shared, others)


def _halfway(level: Level) -> str:
    first, *others, incidents = level.counts(END / 2)
    behind = f"the four layers behind it {sum(others)}"
    return f"By now {LAYERS[0]} has stopped {first} problems, {behind}; incidents: {incidents}."


def _ended(level: Level) -> str:
    first, *_, incidents = level.counts()
    share = f"{100 * incidents / PROBLEMS:.1f} %, where {100 * level.expected:.1f} % are expected"
    told = f"{incidents} of {PROBLEMS} problems are incidents: {share}."
    return f"{told} {LAYERS[0].capitalize()} alone would let {PROBLEMS - first} through."


__all__ = [
    "END",
    "HOLES",
    "LAYERS",
    "PROBLEMS",
    "RUNS",
    "Level",
    "Stack",
    "films",
    "levels",
    "play_cheese",
    "stack",
    "tell",
]
