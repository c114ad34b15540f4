"""What exercises of chapter 1 are checked against: lists of languages, flights with their journeys, tables of bets."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence

from companion.calls.languages.paradigms import AIRPORTS, Flight, imperative, some_flights

Born = tuple[str, int, str]

ERA_CASES: tuple[tuple[list[Born], dict[str, int]], ...] = (
    ([("a", 1960, "x"), ("b", 1980, "x"), ("c", 1970, "x")], {"x": 1990}),
    ([("a", 1960, "x"), ("b", 1995, "x"), ("c", 1985, "x"), ("d", 1988, "x")], {"x": 1990}),
    ([("a", 2011, "x"), ("b", 2007, "y"), ("c", 1990, "y")], {"x": 2005, "y": 2005}),
    ([("a", 1999, "x"), ("b", 2016, "next")], {"x": 2000}),
    ([("a", 1999, "x")], {"x": 2000, "y": 2010}),
)
"""Languages with their births and eras, and the year at which each era is taken."""


def ages_of(rows: Sequence[Born], taken: Mapping[str, int]) -> dict[str, float]:
    """Give each era's median age by the rules of exercise 1."""
    found = {era: [year - born for _, born, of in rows if of == era] for era, year in taken.items()}
    return {era: statistics.median(ages) for era, ages in found.items() if ages}


def some_rows(seed: int, count: int) -> list[tuple[list[Born], dict[str, int]]]:
    """Draw lists of languages and eras."""
    draw = random.Random(seed)
    eras = ("first", "web", "mobile", "new", "next")
    cases = []
    for _ in range(count):
        rows = [(f"L{n}", draw.randint(1955, 2020), draw.choice(eras)) for n in range(draw.randint(0, 12))]
        cases.append((rows, {era: draw.randint(1985, 2020) for era in draw.sample(eras, draw.randint(1, 4))}))
    return cases


NETWORKS: tuple[tuple[list[Flight], str], ...] = (
    ([("SFO", "LAX"), ("LAX", "JFK"), ("BOS", "JFK"), ("JFK", "MIA")], "JFK"),
    ([("SFO", "JFK"), ("JFK", "SFO")], "JFK"),
    ([("JFK", "JFK"), ("JFK", "SFO")], "JFK"),
    ([("JFK", "SFO"), ("SFO", "LAX")], "JFK"),
    ([("SFO", "LAX"), ("LAX", "SEA"), ("SEA", "LAX"), ("SEA", "JFK"), ("JFK", "LAX"), ("DEN", "ORD")], "SFO"),
    ([], "JFK"),
)
"""Flights, and an airport to ask about."""


def origins_of(flights: Sequence[Flight], end: str) -> set[str]:
    """Give all airports from which a journey leads to this one."""
    return imperative([(b, a) for a, b in flights], end)


def messages_of(flights: Sequence[Flight], start: str) -> int:
    """Count the messages of the actors, visits and answers, by walking through the network once."""
    known, todo, visits = {start}, [start], 1
    while todo:
        here = todo.pop()
        for a, b in flights:
            if a == here:
                visits += 1
                if b not in known:
                    known.add(b)
                    todo.append(b)
    return 2 * visits


def some_networks(seed: int, count: int) -> list[tuple[list[Flight], str]]:
    """Draw networks, each with an airport to ask about."""
    draw = random.Random(seed)
    return [(some_flights(draw), draw.choice(AIRPORTS[:3])) for _ in range(count)]


TABLES: tuple[dict[str, tuple[int, ...]], ...] = (
    {"A": (3, 2), "B": (2, 2), "C": (1, 3)},
    {"A": (1, 1), "B": (1, 1)},
    {"A": (5, 1, 1), "B": (1, 5, 1), "C": (1, 1, 5), "D": (1, 1, 1)},
    {"A": (2, 2), "B": (1, 3), "C": (3, 1), "D": (2, 2)},
    {"A": (4, 4, 4)},
    {"A": (1, 2), "B": (2, 1), "C": (2, 2)},
    {},
)
"""Options without names of anybody's language, each with its marks."""


def kept_of(table: Mapping[str, Sequence[int]]) -> list[str]:
    """List the options that no other beats, by the rules of exercise 4."""

    def beats(one: Sequence[int], other: Sequence[int]) -> bool:
        return all(a >= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)

    return [name for name, marks in table.items() if not any(beats(other, marks) for other in table.values())]


def some_tables(seed: int, count: int) -> list[dict[str, tuple[int, ...]]]:
    """Draw tables of marks with few values, so that ties and defeats are frequent."""
    draw = random.Random(seed)
    tables = []
    for _ in range(count):
        bets = draw.randint(1, 5)
        names = [f"option {n}" for n in range(draw.randint(0, 6))]
        tables.append({name: tuple(draw.randint(1, 3) for _ in range(bets)) for name in names})
    return tables
