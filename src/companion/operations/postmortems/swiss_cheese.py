"""The Swiss cheese: problems that meet layers of defence with holes, some of which are in the same place.

A problem meets layers one after the other: review, tests, a canary. It has a *height* between 0 and 1, which stands
for its kind, and passes a layer if the layer has a hole at that height. Layer i has holes over a share p_i of its
height. A share b of the smallest p is at the same heights in all layers: s = b * min(p). What else a layer has in holes
lies anywhere outside of that, independently of the other layers. So all layers are passed with probability

    s + (1 - s) * product of (p_i - s) / (1 - s).

With b = 0 that is the product of all p; with b = 1 and equal layers it is p itself, however many layers there are.

This is the beta-factor model of common-cause failures (Fleming 1975), in which a share beta of a component's failures
strikes all components at once, told as Reason (1990, 2000) drew it. It differs from the usual formula,
beta p + ((1 - beta) p)^n, only in that a layer's own holes lie outside of the common ones, so that p stays the share of
problems that pass one layer alone.

What the model leaves out: holes that two layers have in common and the others do not; layers that take part of a
problem away; and that somebody mends a hole through which a problem came. `through_by_difficulty` is a second model, in
which nothing is common but that some problems are harder to see than others. There, too, each layer buys less than the
one before; but it goes on buying something, where here what is shared is a floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from random import Random
from statistics import NormalDist

from companion.errors import CompanionError
from companion.schemas.pii.evaluation.scores import wilson

_NORMAL = NormalDist()
_REACH = 8.5  # standard deviations; what lies beyond is less than 1e-16


class CheeseError(CompanionError):
    """Layers that the model cannot have."""


@dataclass(frozen=True)
class Result:
    """Problems that came, and which layer stopped how many.

    Attributes
    ----------
    holes : tuple of float
        The share of each layer that is holes.
    shared : float
        The share of the holes of the layer with the fewest that is at the same heights in all layers.
    problems : int
        How many came.
    stopped : tuple of int
        How many each layer stopped, in their order.
    """

    holes: tuple[float, ...]
    shared: float
    problems: int
    stopped: tuple[int, ...]

    @property
    def incidents(self) -> int:
        """The problems that passed all layers."""
        return self.problems - sum(self.stopped)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share that passes all layers."""
        return wilson(self.incidents, self.problems)

    @property
    def passed(self) -> tuple[int, ...]:
        """How many passed the first layer, the first two, and so on."""
        return tuple(self.problems - stopped for stopped in accumulate(self.stopped))


def through(holes: Sequence[float], shared: float) -> float:
    """Give the probability that a problem passes all layers.

    Parameters
    ----------
    holes : sequence of float
        The share of each layer that is holes, more than 0 and less than 1.
    shared : float
        The share of the smallest of them that is at the same heights in all layers, from 0 to 1.

    Raises
    ------
    CheeseError
        If there is no layer, or a share is out of range.
    """
    return passing(holes, shared)[-1]


def passing(holes: Sequence[float], shared: float) -> tuple[float, ...]:
    """Give the probability that a problem passes the first layer, the first two, and so on.

    The heights that all layers have in common are those of the whole stack, also where only its first layers are asked
    about. Parameters and errors are those of `through`.
    """
    common = _common(holes, shared)
    own = accumulate(((hole - common) / (1 - common) for hole in holes), lambda one, other: one * other)
    return tuple(common + (1 - common) * share for share in own)


def bought(holes: Sequence[float], shared: float) -> tuple[float, ...]:
    """Give by what factor each layer divides the incidents that the layers before it would let through.

    Without shared holes it is 1 / p for each layer. With any it tends to 1, since what the layers have in common
    passes every further one. Parameters and errors are those of `through`.
    """
    return tuple(before / after for before, after in pairwise((1.0, *passing(holes, shared))))


def layers_needed(hole: float, shared: float, target: float) -> int | None:
    """Give how many equal layers let through no more than a target; None if no number of them does.

    Parameters
    ----------
    hole : float
        The share of each layer that is holes.
    shared : float
        The share of the holes that is at the same heights in all layers.
    target : float
        The share of problems that may pass, more than 0.

    Raises
    ------
    CheeseError
        If a share is out of range.
    """
    common = _common([hole], shared)
    if not target > 0:
        raise CheeseError(f"{target} cannot be reached: every layer has holes, so some problem passes")
    if hole <= target:
        return 1
    if target <= common:  # which is what any number of layers lets through
        return None
    number, share = 1, hole
    while share > target:
        number, share = number + 1, common + (share - common) * (hole - common) / (1 - common)
    return number


def correlation(holes: tuple[float, float], shared: float) -> float:
    """Give the correlation between two layers' failures: 0 if they are independent, 1 if they are one layer twice.

    Parameters
    ----------
    holes : tuple of float and float
        The share of each that is holes.
    shared : float
        The share of the smaller of them that is at the same heights in both.

    Raises
    ------
    CheeseError
        If a share is out of range.
    """
    one, other = holes
    spread = math.sqrt(one * (1 - one) * other * (1 - other))
    return (through(holes, shared) - one * other) / spread


def simulate(holes: Sequence[float], shared: float, problems: int, seed: int) -> Result:
    """Let problems come, each to layers whose own holes are laid anew, and count who stops how many.

    That the layout is new for each problem makes the mean over many the closed form of `through`. A single layout,
    which is what an organisation has, may let through more or less than that.

    Parameters
    ----------
    holes, shared
        As for `through`.
    problems : int
        How many come, at least one.
    seed : int
        Where the random numbers begin.

    Raises
    ------
    CheeseError
        If there is no layer or no problem, or a share is out of range.
    """
    common = _common(holes, shared)
    if problems < 1:
        raise CheeseError(f"{problems} problems cannot come: it takes at least one")
    draw = Random(seed).random
    stopped = [0] * len(holes)
    widths = [hole - common for hole in holes]
    for _ in range(problems):
        height = draw()
        if height < common:  # the holes that all have are laid at the bottom, which is as good as anywhere
            continue
        for layer, width in enumerate(widths):
            start = common + (1 - common) * draw()  # of the layer's own hole, which may go on from the bottom again
            if (height - start) % (1 - common) >= width:
                stopped[layer] += 1
                break
    return Result(tuple(holes), shared, problems, tuple(stopped))


def through_by_difficulty(hole: float, layers: int, shared: float) -> float:
    """Give the probability that a problem passes equal layers that share no hole, but find the same things hard.

    How hard a problem is to see is a normal variable that all layers meet (Eckhardt and Lee 1985); each adds chance of
    its own, and the problem passes where the sum is beyond what the layer sees: a Gaussian copula with one factor. A
    layer alone is passed by the same share of problems as in `through`, and two layers' failures have the same
    correlation, so the two models can be told apart by nothing that is measured on pairs of layers.

    Parameters
    ----------
    hole : float
        The share of problems that pass a layer alone.
    layers : int
        How many there are, at least one.
    shared : float
        As for `through`: its model gives the correlation.

    Raises
    ------
    CheeseError
        If there is no layer, or a share is out of range.
    """
    pair = through([hole, hole], shared)
    if layers < 1:
        raise CheeseError(f"{layers} layers stop nothing: it takes at least one")
    if layers == 1 or shared == 1:
        return hole
    return _together(hole, layers, _loading(hole, pair))


@lru_cache(maxsize=64)
def _loading(hole: float, pair: float) -> float:
    """Find how far the layers agree on what is hard, by halving, so that two are passed with a given probability."""
    low, high = 0.0, 1.0
    for _ in range(52):
        middle = (low + high) / 2
        if _together(hole, 2, middle) < pair:
            low = middle
        else:
            high = middle
    return low


def _together(hole: float, layers: int, loading: float) -> float:
    """Average over how hard a problem is: a sum over even steps, which for so smooth a function is exact."""
    seen = _NORMAL.inv_cdf(hole)
    alone = math.sqrt(1 - loading)
    return math.fsum(
        weight * _NORMAL.cdf((seen - math.sqrt(loading) * hard) / alone) ** layers for hard, weight in _steps(alone)
    )


def _steps(alone: float) -> Iterator[tuple[float, float]]:
    width = min(0.1, alone / 4)
    most = math.ceil(_REACH / width)
    return ((place * width, width * _NORMAL.pdf(place * width)) for place in range(-most, most + 1))


def _common(holes: Sequence[float], shared: float) -> float:
    """Give the share of the height at which every layer has a hole by the model, and refuse what it cannot have."""
    if not holes:
        raise CheeseError("no layers stop nothing: it takes at least one")
    for hole in holes:
        if not 0 < hole < 1:
            raise CheeseError(f"{hole} cannot be a layer's holes: it takes more than 0 and less than 1")
    if not 0 <= shared <= 1:
        raise CheeseError(f"{shared} cannot be the shared part of the holes: it takes 0 to 1")
    return shared * min(holes)


__all__ = [
    "CheeseError", "Result", "bought", "correlation", "layers_needed", "passing", "simulate", "through",
    "through_by_difficulty",
]  # fmt: skip
