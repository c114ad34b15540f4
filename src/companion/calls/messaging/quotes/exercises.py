"""What the exercise of chapter 5 is judged by: two instances and a join, in every order of their steps."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

QUOTES = ((4, 20, 100.0), (8, 20, 101.0))
"""Place, time and price; place 1 is in the cache from the start."""
BEFORE = (1, 10, 99.0)
TICKER = "ACME"


class Outcome(NamedTuple):
    """An order of steps, in words, and the places that the newcomer was shown."""

    steps: list[str]
    shown: list[int]


def two_instances(
    put: Callable[[dict[str, Any], str, Any], object], shows: Callable[[Any, Any], bool]
) -> Iterator[Outcome]:
    """Play every order: here the newcomer joins, and there an instance with other followers hears the same topic."""
    here = [(kind, quote) for quote in QUOTES for kind in ("put", "send")]
    there = [("there put", quote) for quote in QUOTES]
    join = [("add", None), ("get", None), ("write", None)]
    total = len(here) + len(there) + len(join)
    for joins in itertools.combinations(range(total), len(join)):
        free = [place for place in range(total) if place not in joins]
        for theirs in itertools.combinations(free, len(there)):
            left = iter(here), iter(there), iter(join)
            yield _play(
                [next(left[2 if place in joins else 1 if place in theirs else 0]) for place in range(total)], put, shows
            )


def _play(
    steps: list[tuple[str, Any]],
    put: Callable[[dict[str, Any], str, Any], object],
    shows: Callable[[Any, Any], bool],
) -> Outcome:
    cache: dict[str, Any] = {TICKER: BEFORE}
    shown: list[Any] = []
    got, following = None, False
    for name, quote in steps:
        if name.endswith("put"):
            put(cache, TICKER, quote)
        elif name == "add":
            following = True
        elif name == "get":
            got = cache.get(TICKER)
        offered = got if name == "write" else quote if name == "send" and following else None
        if offered is not None and shows(shown[-1] if shown else None, offered):
            shown.append(offered)
    return Outcome([f"{name} {quote[0]}" if quote else name for name, quote in steps], [quote[0] for quote in shown])


def explain(outcomes: Iterator[Outcome]) -> str | None:
    """Say in words what the first order shows that goes wrong; None if none does."""
    places = [BEFORE[0], *(quote[0] for quote in QUOTES)]
    for steps, shown in outcomes:
        if not shown:
            return f"{', '.join(steps)}: nothing is shown"
        missing = [place for place in places if place > min(shown) and place not in shown]
        back = [pair for pair in itertools.pairwise(shown) if pair[1] < pair[0]]
        if missing or back or len(set(shown)) < len(shown):
            what = f"{missing[0]} is missing" if missing else "a step back" if back else "one is shown twice"
            return f"{', '.join(steps)}: shown are {', '.join(map(str, shown))}; {what}"
    return None


__all__ = ["Outcome", "explain", "two_instances"]
