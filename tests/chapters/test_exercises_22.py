"""Chapter 22: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

BONUS = "def bonus(points):\n    granted = points * percent // 100\n    return "
HOME = (
    "def best_home(times, asks):\n    n = range(len(times))\n    return min(n, key=lambda h: sum(\n"
    "        asks[c] * (2 * times[c][h] + RECORD) for c in n))"
)
CLASH = """
def clash(world, steps):
    for start in world.starts:
        ways = {start: ()}
        for _ in range(steps):
            for state, way in list(ways.items()):
                for name, change in world.changes.items():
                    after = change(state)
                    if after is not None and VALID:
                        ways.setdefault(after, (*way, name))
        pairs = [(one, other) for one in ways.items() for other in ways.items() if PAIR]
        for (left, one), (right, other) in pairs:
            if not world.valid(world.merge(start, left, right)):
                return one, other
"""
BORROW = (
    "def borrow(allowances, site, amount):\n    others = [o for o in range(len(allowances)) if o != site]\n    return "
)
REBASE = (
    "def rebase(base, pending, acknowledged, mutators):\n    still, view = KEPT, base\n"
    "    for one in list(still):\n        changed = mutators[one.name](FROM, one.argument)\n"
    "        if changed is None:\n            LATE\n        else:\n            view = changed\n    return view, still"
)
UNSEEN = "[one for one in pending if one.number > acknowledged]"

WRONG: dict[str, list[tuple[str, str]]] = {
    "wait": [
        ("def best_home(times, asks): return max(range(len(asks)), key=lambda c: asks[c])", "there is a home with"),
        (HOME.replace("RECORD", "0"), "there is a home with"),
        (HOME.replace("RECORD", "2 * max(times[h])"), "there is a home with"),
        (HOME.replace("RECORD", "sorted(2 * t for t in times[h])[1]"), "there is a home with"),
        ("def best_home(times, asks): return min(range(len(asks)), key=lambda c: sum(times[c]))",
         "there is a home with"),
        (HOME.replace("RECORD", "sorted(2 * t for t in times[h])[(len(n) - 1) // 2]"), "there is a home with"),
        ("def best_home(times, asks): return 'Berlin'", "the number of no city"),
    ],
    "bonus": [
        ("def bonus(points): return 1 + percent / 100, 0", "where granted"),
        (BONUS + "0, points + granted", "does not commute"),
        (BONUS + "points + granted", "no pair"),
        (BONUS + "1, points * percent / 100", "where granted"),
        (BONUS + "1, -(-points * percent // 100)", "where granted"),
        ("def bonus(points): return 1, percent", "where granted"),
    ],
    "clash": [
        ("def clash(world, steps): return None", "there is such a pair"),
        (CLASH.replace("VALID", "world.valid(after)").replace("PAIR", "True").replace("return one, other",
         "return left, right"), "no replica can replay"),
        (CLASH.replace("VALID", "world.valid(after)").replace("PAIR", "True").replace("range(steps)",
         "range(steps + 1)"), "is refused, or longer than 1"),
        (CLASH.replace("VALID", "world.valid(after)").replace("PAIR", "one != other"), "changes would do"),
        (CLASH.replace("VALID", "True").replace("PAIR", "True"), "is refused, or longer than 2"),
        (CLASH.replace("VALID", "world.valid(after)").replace("PAIR", "True")
         .replace("in ways.items() for other in ways.items()", "in [*ways.items()][::-1] for other in ways.items()"),
         "changes would do"),
    ],
    "borrow": [
        (BORROW + "{}", "are turned away in vain"),
        (BORROW + "{o: amount for o in others}", "they wait"),
        (BORROW + "{max(others, key=lambda o: allowances[o]): amount - allowances[site]}", "are turned away in vain"),
        (BORROW + "others", "no dict"),
        (BORROW + "{o: allowances[o] for o in others}", "in vain"),
        (BORROW + "{o: amount // len(allowances) for o in range(len(allowances))}", "it takes other sites"),
    ],
    "rebase": [
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "view").replace("LATE", "pass")
         .replace("return view, still", "return [view, still]"), "give a pair"),
        (REBASE.replace("KEPT", UNSEEN + "[::-1]").replace("FROM", "view").replace("LATE", "pass"), "you kept"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "view").replace("LATE", "view = None; break"), "sees nothing"),
        (REBASE.replace("KEPT", "pending").replace("FROM", "view").replace("LATE", "pass"), "was acknowledged"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "view").replace("LATE", "still.remove(one)"),
         "the server has not spoken"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "base").replace("LATE", "pass"), "the user sees"),
        (REBASE.replace("KEPT", UNSEEN.replace("> ack", ">= ack")).replace("FROM", "view").replace("LATE", "pass"),
         "was acknowledged"),
    ],
}  # fmt: skip
