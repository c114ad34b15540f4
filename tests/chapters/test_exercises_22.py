"""Chapter 22: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

BONUS = "def bonus(points):\n    granted = points * percent // 100\n    return "
CLASH = (
    "def clash(start, changes, merge, valid):\n    after = {n: c(start) for n, c in changes.items()}\n"
    "    after = {n: s for n, s in after.items() if s is not None and valid(s)}\n"
)
REBASE = (
    "def rebase(base, pending, acknowledged, mutators):\n    still, view = KEPT, base\n"
    "    for one in list(still):\n        changed = mutators[one.name](FROM, one.argument)\n"
    "        if changed is None:\n            LATE\n        else:\n            view = changed\n    return view, still"
)
UNSEEN = "[one for one in pending if one.number > acknowledged]"

WRONG: dict[str, list[tuple[str, str]]] = {
    "wait": [
        ("def mean_wait(distance, sites, rooms): return base + rooms * 4 * distance", "who need not travel"),
        ("def mean_wait(distance, sites, rooms): return base + 4 * distance", "who need not travel"),
        ("def mean_wait(distance, sites, rooms): return base + rooms * 2 * distance", "which journeys"),
        ("def mean_wait(distance, sites, rooms): return '100 ms'", "no number of milliseconds"),
    ],
    "bonus": [
        ("def bonus(points): return lambda seen: seen + seen * percent // 100", "does not commute"),
        (BONUS + "lambda seen: points + granted", "does not commute"),
        (BONUS + "points + granted", "no function"),
        ("def bonus(points): return lambda seen: seen + percent", "where granted"),
    ],
    "clash": [
        ("def clash(start, changes, merge, valid): return None", "is such a pair"),
        (CLASH + "    from itertools import combinations\n    for a, b in combinations(after, 2):\n"
         "        if not valid(merge(start, after[a], after[b])):\n            return a, b", "is such a pair"),
        (CLASH.replace(" and valid(s)", "") + "    for a in after:\n        for b in after:\n"
         "            if not valid(merge(start, after[a], after[b])):\n                return a, b", "cannot happen"),
        (CLASH + "    return tuple(after)[:2]", "merge well"),
    ],
    "rebase": [
        (REBASE.replace("KEPT", "pending").replace("FROM", "view").replace("LATE", "pass"), "was acknowledged"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "view").replace("LATE", "still.remove(one)"),
         "the server has not spoken"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "base").replace("LATE", "pass"), "the user sees"),
        (REBASE.replace("KEPT", UNSEEN.replace("> ack", ">= ack")).replace("FROM", "view").replace("LATE", "pass"),
         "was acknowledged"),
    ],
}  # fmt: skip
