"""Chapter 20: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

TWICE = "one = LWWStandingClock().put({0})\nother = one.put({1})"

ADD_WINS = """\
def empty(): return {"here": [], "seen": {}}
def add(state, copy, item):
    number = state["seen"].get(copy, 0) + 1
    return {"here": state["here"] + [[copy, number, item]], "seen": {**state["seen"], copy: number}}
def remove(state, copy, item): return {**state, "here": [tag for tag in state["here"] if tag[2] != item]}
def merge(one, other):
    here = [tag for tag in one["here"] if tag in other["here"]]
    for mine, yours in ((one, other), (other, one)):
        here += [tag for tag in mine["here"] if tag[1] > yours["seen"].get(tag[0], 0)]
    return {"here": here, "seen": dict(sorted([*one["seen"].items(), *other["seen"].items()]))}
def value(state): return {tag[2] for tag in state["here"]}
"""
TWO_PHASE = """\
def empty(): return [[], []]
def add(state, copy, item): return [state[0] + [item], state[1]]
def remove(state, copy, item): return [state[0], state[1] + [item]]
def merge(one, other): return [sorted({*a, *b}) for a, b in zip(one, other)]
def value(state): return set(state[0]) - set(state[1])
"""
TOMBSTONES = """\
def empty(): return {"added": [], "gone": [], "undone": []}
def add(state, copy, item):
    seen = [tag for tag in state["gone"] if tag[2] == item]
    return {**state, "added": sorted({*state["added"], item}), "undone": state["undone"] + seen}
def remove(state, copy, item):
    number = 1 + sum(tag[0] == copy for tag in state["gone"])
    return {**state, "gone": state["gone"] + [[copy, number, item]]}
def merge(one, other):
    return {key: one[key] + [each for each in other[key] if each not in one[key]] for key in one}
def value(state): return set(state["added"]) - {tag[2] for tag in state["gone"] if tag not in state["undone"]}
"""

NEVER_UNDONE = """\
def empty(): return {"added": [], "gone": [], "seen": {}}
def add(state, copy, item):
    left = [tag for tag in state["gone"] if tag[2] != item]
    return {**state, "added": sorted({*state["added"], item}), "gone": left}
def remove(state, copy, item):
    number = state["seen"].get(copy, 0) + 1
    left = [tag for tag in state["gone"] if tag[2] != item]
    return {**state, "gone": [*left, [copy, number, item]], "seen": {**state["seen"], copy: number}}
def merge(one, other):
    gone = one["gone"] + [tag for tag in other["gone"] if tag not in one["gone"]]
    seen = dict(sorted([*one["seen"].items(), *other["seen"].items()]))
    return {"added": sorted({*one["added"], *other["added"]}), "gone": gone, "seen": seen}
def value(state): return set(state["added"]) - {tag[2] for tag in state["gone"]}
"""

WRONG: dict[str, list[tuple[str, str]]] = {
    "join": [
        ("def merge(one, other): return {**one, **other}", "not ("),
        ("def merge(one, other): return {n: max(one.get(n, ZERO), other.get(n, ZERO)) for n in one | other}".replace(
            "ZERO", "(0, 0)"), "not ("),
        ("def merge(one, other):\n    one.update(other)\n    return one", "changed what it was given"),
        ("def merge(one, other):\n    pairs = {n: zip(one.get(n, ZERO), other.get(n, ZERO)) for n in one | other}\n"
         "    return {n: tuple(map(max, pair)) for n, pair in pairs.items()} | {'e': ZERO}".replace("ZERO", "(0, 0)"),
         "give ['a'"),
        ("def merge(one, other): return {n: (max(one[n][0], other[n][0]), max(one[n][1], other[n][1]))\n"
         "                                   for n in one.keys() & other.keys()}", "give ['a'"),
    ],
    "twice": [
        (TWICE.format("'A', 'room', 'ann', now=5", "'B', 'room', 'bob', now=5"), "these two commute"),
        (TWICE.format("'A', 'room', 'ann', now=5", "'A', 'room', 'bob', now=6"), "these two commute"),
        (TWICE.format("'A', 'room', 'ann', now=5", "'A', 'hall', 'bob', now=5"), "these two commute"),
        ("one = other = None", "must be a LWWStandingClock"),
    ],
    "deal": [
        ("def deal(stock, wants): return {name: stock // len(wants) for name in wants}", "you dealt out"),
        ("def deal(stock, wants): return dict(wants)", "you dealt out"),
        ("def deal(stock, wants):\n    shares = {n: stock // len(wants) for n in wants}\n"
         "    shares[next(iter(wants))] += stock - sum(shares.values())\n    return shares", "be sold"),
        ("def deal(stock, wants): return {name: stock if n == 0 else 0 for n, name in enumerate(wants)}", "be sold"),
        ("def deal(stock, wants):\n    rest = sum(wants.values())\n"
         "    return {name: stock * wanted / rest for name, wanted in wants.items()}", "no number of units"),
    ],
    "removal": [
        (ADD_WINS, "it should be out"),
        (TWO_PHASE, "put in again, should be in"),
        (TOMBSTONES, "bytes"),
        (NEVER_UNDONE, "and C holds "),
        (ADD_WINS.replace('[tag for tag in state["here"] if tag[2] != item]', "[]"), "it should be out"),
        (TWO_PHASE.replace("return [state[0] + [item], state[1]]", "state[0].append(item); return state"),
         "add changed"),
        (TOMBSTONES.replace('for key in one}', 'for key in ("added",)} | {"gone": one["gone"], "undone": []}'),
         "A with B is not B with A"),
    ],
    "stable": [
        ("def may_forget(removal, heard): return True", "may still send a state"),
        ("def may_forget(removal, heard): return False", "nothing can come"),
        ("def may_forget(removal, heard): return all(removal <= max(o) for o in heard.values())",
         "may still send a state"),
        ("def may_forget(removal, heard): return sum(removal in o for o in heard.values()) > len(heard) // 2",
         "may still send a state"),
        ("def may_forget(removal, heard): return any(removal in o for o in heard.values())", "may still send a state"),
    ],
}  # fmt: skip
