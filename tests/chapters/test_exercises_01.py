"""Chapter 1: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

AGES = """
def median_ages(rows, taken):
    found = {}
    for _, born, era in rows:
        if era in taken:
            found.setdefault(era, []).append(taken[era] - born)
    return {era: MIDDLE for era, ages in found.items()}
"""
MIDDLE = "(sorted(ages)[(len(ages) - 1) // 2] + sorted(ages)[len(ages) // 2]) / 2"

MESSAGES = """
def messages(flights, start):
    seen, todo = {start}, [start]
    for here in todo:
        for a, b in flights:
            if a == here and b not in seen:
                seen.add(b)
                todo.append(b)
    return COUNT
"""

THREADS = """
def messages(flights, start):
    from companion.calls.languages.paradigms import actors
    sent = []
    actors(flights, start, sent.append)
    return len(sent)
"""

KEPT = """
def kept(table):
    def beats(x, y):
        return RULE
    return [n for n, m in table.items() if not any(beats(o, m) for k, o in table.items())]
"""


def ages(middle: str) -> str:
    return AGES.replace("MIDDLE", middle)


def messages(count: str) -> str:
    return MESSAGES.replace("COUNT", count)


def kept(rule: str) -> str:
    return KEPT.replace("RULE", rule)


WRONG: dict[str, list[tuple[str, str]]] = {
    "ages": [
        (ages("ages[len(ages) // 2]"), "the median of"),
        (ages("sorted(ages)[len(ages) // 2]"), "the median of"),
        (ages("sum(ages) / len(ages)"), "the median of"),
        (ages(MIDDLE.replace("sorted(ages)", "sorted(max(age, 0) for age in ages)")), "the median of"),
        (
            "def median_ages(rows, taken):\n    import statistics\n    return {era: statistics.median([year - born "
            "for _, born, of in rows if of == era] or [0]) for era, year in taken.items()}",
            "eras",
        ),
        ("def median_ages(rows, taken): return [12]", "is no dict"),
    ],
    "origins": [
        ("def origins(flights, end, reached): return set(reached(flights, end))", "lead to"),
        ("def origins(flights, end, reached):\n    reached([], end)\n    return {a for a, b in flights if b == end}",
         "lead to"),
        ("def origins(flights, end, reached): return set(reached([(b, a) for a, b in flights], end)) - {end}",
         "lead to"),
        ("def origins(flights, end, reached): return set(reached([(b, a) for a, b in flights], end)) | {end}",
         "lead to"),
        ("def origins(flights, end, reached): return {a for a, _ in flights if end in reached(flights, a)}",
         "not once"),
        ("def origins(flights, end, reached):\n    found = set()\n    for _ in flights:\n"
         "        found |= {a for a, b in flights if b == end or b in found}\n    return found", "0 times, not once"),
    ],
    "messages": [
        (messages("1 + sum(a in seen for a, _ in flights)"), "messages, and you say"),
        (messages("2 * sum(a in seen for a, _ in flights)"), "messages, and you say"),
        (messages("2 * (1 + len(flights))"), "messages, and you say"),
        (messages("2 * len(seen)"), "messages, and you say"),
        (messages("2 * (1 + sum(a in seen - {start} for a, _ in flights))"), "messages, and you say"),
        (messages("str(2)"), "is no number"),
    ],
    "bets": [
        (kept("all(a >= b for a, b in zip(x, y))"), "are kept"),
        (kept("all(a > b for a, b in zip(x, y))"), "are kept"),
        (kept("sum(x) > sum(y)"), "are kept"),
        (kept("any(a > b for a, b in zip(x, y))"), "are kept"),
        (
            "def kept(table):\n    best = max(map(sum, table.values()), default=0)\n"
            "    return [n for n, m in table.items() if sum(m) == best]",
            "are kept",
        ),
        ("def kept(table): return None", "is no list"),
    ],
}  # fmt: skip

ROUNDS = """
def messages(flights, start):
    import numpy
    names = sorted({start}.union(*map(set, flights)))
    there = numpy.zeros((len(names), len(names)), dtype=bool)
    for a, b in flights:
        there[names.index(a), names.index(b)] = True
    known = numpy.array([name == start for name in names])
    for _ in names:
        known = known | (known @ there)
    return numpy.int64(2) * (1 + there[known].sum())
"""
WALK = """
def origins(flights, end, reached):
    back = []
    for a, b in flights:
        back.append((b, a))
    return frozenset(reached(tuple(back), end))
"""
FRACTIONS = """
def median_ages(rows, taken):
    from fractions import Fraction
    found = {}
    for era in taken:
        ages = sorted(Fraction(taken[era] - row[1]) for row in rows if row[2] == era)
        if ages:
            found[era] = (ages[len(ages) // 2] + ages[~(len(ages) // 2)]) / 2
    return found
"""
TUPLES = """
def kept(table):
    beaten = set()
    for one in table:
        for other in table:
            gaps = [a - b for a, b in zip(table[one], table[other])]
            if min(gaps, default=0) >= 0 and sum(gaps) > 0:
                beaten.add(other)
    return tuple(name for name in table if name not in beaten)
"""


@pytest.mark.parametrize(
    ("name", "answer"),
    [("messages", ROUNDS), ("messages", THREADS), ("origins", WALK), ("ages", FRACTIONS), ("bets", TUPLES)],
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("01", name, answer) == ""
