"""A cache in front of the policies: what it is asked by decides who gets whose answer.

Tenants ask the same questions ("open invoices") and have other answers. Let each of T tenants ask as often as another,
whatever the questions are. A cache whose key is the question alone answers a share h of them from memory, and what it
has there was put in by another tenant in all cases but one of T. So the share of all answers that are another tenant's
is h (1 - 1/T).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass

Key = Callable[["Asked"], Hashable]


@dataclass(frozen=True)
class Asked:
    """A question, and all that its answer depends on.

    Attributes
    ----------
    tenant, user : int
        Who asks.
    scopes : frozenset of str
        What the token allows.
    version : int
        Of the tenant's documents, counted up by every write.
    question : int
        Its number.
    """

    tenant: int
    user: int
    scopes: frozenset[str]
    version: int
    question: int


@dataclass(frozen=True)
class Served:
    """What a cache did.

    Attributes
    ----------
    hits : float
        The share of questions that it answered.
    foreign : float
        The share of all answers that another tenant had asked for.
    """

    hits: float
    foreign: float


def serve(
    key: Key, *, tenants: int, questions: int = 100, asked: int = 20_000, kept: int = 60, seed: int = 1
) -> Served:
    """Ask questions of a cache that forgets the oldest entry when it is full.

    Parameters
    ----------
    key : callable
        What of a question the cache looks at.
    tenants, questions : int
        How many there are; each question is asked with a probability of 1 by its number, as favourites are.
    asked : int
        How many questions are asked.
    kept : int
        How many answers the cache holds.
    seed : int
        Of every draw.
    """
    rng = random.Random(seed)
    weights = [1 / (number + 1) for number in range(questions)]
    drawn = rng.choices(range(questions), weights, k=asked)
    memory: dict[Hashable, int] = {}
    hits = foreign = 0
    for question in drawn:
        tenant = rng.randrange(tenants)
        one = Asked(tenant, tenant * 10 + rng.randrange(3), frozenset(["read"]), 1, question)
        place = key(one)
        if place in memory:
            hits += 1
            foreign += memory[place] != tenant
            continue
        if len(memory) >= kept:
            del memory[next(iter(memory))]
        memory[place] = tenant
    return Served(hits / asked, foreign / asked)


def foreign_share(hits: float, tenants: int) -> float:
    """Give the share of all answers that are another tenant's, if the key does not have the tenant: h (1 - 1/T)."""
    return hits * (1 - 1 / tenants)
