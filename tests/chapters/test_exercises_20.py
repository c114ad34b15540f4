"""Chapter 20: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

TWICE = "one = LWWStandingClock().put({0})\nother = one.put({1})"

WRONG: dict[str, list[tuple[str, str]]] = {
    "join": [
        ("def merge(one, other): return {**one, **other}", "not ("),
        ("def merge(one, other): return {n: max(one.get(n, ZERO), other.get(n, ZERO)) for n in one | other}".replace(
            "ZERO", "(0, 0)"), "not ("),
        ("def merge(one, other):\n    one.update(other)\n    return one", "changed what it was given"),
    ],
    "twice": [
        (TWICE.format("'A', 'room', 'ann', now=5", "'B', 'room', 'bob', now=5"), "these two commute"),
        (TWICE.format("'A', 'room', 'ann', now=5", "'A', 'room', 'bob', now=6"), "these two commute"),
        ("one = other = None", "must be a LWWStandingClock"),
    ],
    "deal": [
        ("def deal(stock, wants): return {name: stock // len(wants) for name in wants}", "you dealt out"),
        ("def deal(stock, wants): return dict(wants)", "you dealt out"),
        ("def deal(stock, wants): return {name: stock if n == 0 else 0 for n, name in enumerate(wants)}", "be sold"),
        ("def deal(stock, wants):\n    rest = sum(wants.values())\n"
         "    return {name: stock * wanted / rest for name, wanted in wants.items()}", "no number of units"),
    ],
    "stable": [
        ("def may_forget(removal, heard): return True", "may still send a state"),
        ("def may_forget(removal, heard): return False", "nothing can come"),
        ("def may_forget(removal, heard): return any(removal in o for o in heard.values())", "may still send a state"),
    ],
}  # fmt: skip
