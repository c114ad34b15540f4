"""Collective operations written by hand, out of send and receive alone.

Each is a generator, one for every rank. It yields what it wants done, `Send` or `Receive`, is resumed with the value
received, and returns its result. So the same lines run in one process, where `simulate.play` counts, and in several,
where `programs/collectives.py` does the sending with MPI.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Send:
    """Send a value to another rank."""

    to: int
    value: Any


@dataclass(frozen=True)
class Receive:
    """Wait for the next value from another rank."""

    source: int


Steps = Generator[Send | Receive, Any, Any]
"""What a rank does, step by step; its result is what the generator returns."""


def linear(rank: int, size: int, value: Any) -> Steps:
    """Broadcast: rank 0 tells all the others, one after another."""
    if rank > 0:
        return (yield Receive(0))
    for other in range(1, size):
        yield Send(other, value)
    return value


def binomial(rank: int, size: int, value: Any) -> Steps:
    """Broadcast down a tree: in each round, everyone who has been told tells one more."""
    told = 1  # how many know it
    while told < size:
        if rank < told and rank + told < size:
            yield Send(rank + told, value)
        elif told <= rank < 2 * told:
            value = yield Receive(rank - told)
        told *= 2
    return value


def doubling(rank: int, size: int, value: Any) -> Steps:
    """All-reduce by recursive doubling: in each round everyone adds a partner's sum; a power of two of ranks."""
    if size & (size - 1):
        raise ValueError(f"{size} ranks: recursive doubling is for a power of two")
    distance = 1
    while distance < size:
        partner = rank ^ distance
        yield Send(partner, value)
        value += yield Receive(partner)
        distance *= 2
    return value


def scatter(rank: int, size: int, value: Any) -> Steps:
    """Scatter: rank 0 cuts a sequence in equal parts and sends each its own; the size must divide the length."""
    if rank > 0:
        return (yield Receive(0))
    if len(value) % size:
        raise ValueError(f"{len(value)} elements do not divide among {size} ranks")
    chunk = len(value) // size
    for other in range(1, size):
        yield Send(other, value[other * chunk : (other + 1) * chunk])
    return value[:chunk]


def tree_scatter(rank: int, size: int, value: Any) -> Steps:
    """Scatter down a tree: in each round everyone who holds a part sends half of it on; a power of two of ranks."""
    if size & (size - 1):
        raise ValueError(f"{size} ranks: this tree is for a power of two")
    distance = size // 2
    while distance:
        if rank % (2 * distance) == 0:
            half = len(value) // 2
            yield Send(rank + distance, value[half:])
            value = value[:half]
        elif rank % (2 * distance) == distance:
            value = yield Receive(rank - distance)
        distance //= 2
    return value


ALGORITHMS = {
    "linear": linear,
    "binomial": binomial,
    "doubling": doubling,
    "scatter": scatter,
    "tree_scatter": tree_scatter,
}
"""By name, for programs that are told which to run."""
