"""Chapter 3: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

MEDIAN = "-(-(-(-c // 2)) // w) * s"
MOMENTS = "sorted(next(d for _, d in samples if d > m) - m for m in range(0, samples[-1][0] + 1, i))"
RANK = "l[-(-len(l) * p // 100) - 1]"

ADD_ONE = """
def add_one(read, write):
    BEFORE
    for _ in range(TIMES):
        INSIDE
        if write(WRITTEN, version):
            return RETURNED
    raise TimeoutError
"""


def outlook(owned: str, shared: str) -> str:
    return f"def outlook(w, c, s, owned): return {owned} if owned else {shared}"


def honest(latencies: str, rank: str = RANK) -> str:
    return f"def honest(samples, i, p):\n    l = sorted({latencies})\n    return {rank}"


def add_one(before: str = "pass", inside: str = "number, version = read()", times: str = "10",
            written: str = "number + 1", returned: str = "number + 1") -> str:  # fmt: skip
    named = {"BEFORE": before, "INSIDE": inside, "TIMES": times, "WRITTEN": written, "RETURNED": returned}
    answer = ADD_ONE
    for name, line in named.items():
        answer = answer.replace(name, line)
    return answer


def gives_up(rule: str) -> str:
    return f"def gives_up(starts, R, T): return {rule}"


def step_key(key: str) -> str:
    return f"def step_key(order, step, attempt, amount): return {key}"


WRONG: dict[str, list[tuple[str, str]]] = {
    "outlook": [
        (outlook("(c - w, s)", f"(0, {MEDIAN})"), "starved"),
        (outlook(f"(max(0, c - w), {MEDIAN})", f"(0, {MEDIAN})"), "never waits"),
        (outlook("(max(0, c - w), s)", "(max(0, c - w), s)"), "starves nobody"),
        (outlook("(max(0, c - w), s)", "(0, max(1, c // 2 // w) * s)"), "round 2"),
        (outlook("(max(0, c - w), s)", "(0, (c / w + 1) / 2 * s)"), "128th"),
        (outlook("None", "None"), "no pair"),
    ],
    "honest": [
        (honest("d - s for s, d in samples"), "left out are missing"),
        ("def honest(samples, i, p): return max(d - s for s, d in samples)", "longest"),
        ("def honest(samples, i, p): return sum(d - s for s, d in samples) / len(samples)", "S - 0.01 T"),
        (honest("x for s, d in samples for x in [d - s] * max(1, (d - s) // i)"), "longest"),
        (honest(MOMENTS, "l[min(len(l) - 1, len(l) * p // 100)]"), "S - 0.01 T"),
    ],
    "add_one": [
        (add_one("number, version = read()", "pass"), "does it read again"),
        (add_one("number, version = read()", "version = read()[1]"), "it is"),
        (add_one(times="10**9"), "after ten refusals"),
        (add_one(times="9"), "others had written 9 times"),
        (add_one(returned="number"), "and the row says"),
        (add_one(returned="read()[0] + 1"), "and the row says"),
        ("def add_one(read, write):\n    number, version = read()\n    write(number + 1, version)\n"
         "    return number + 1", "others added"),
    ],
    "gives-up": [
        (gives_up("len(starts) - 1 > R"), "from 1 to 6.1"),
        (gives_up("any(l - f <= T for f, l in zip(starts, starts[R:]))"), "nothing was restarted"),
        (gives_up("any(l - f < T for f, l in zip(starts[1:], starts[R + 1:]))"), "and that is within 5 s"),
        (gives_up("sum(starts[-1] - s <= T for s in starts[1:]) > R"), "long before the last"),
        (gives_up("sum(s <= T for s in starts[1:]) > R"), "from 1 to 6 are 5 s"),
        (gives_up("any(l - f <= T for f, l in zip(starts[1:], starts[R + 2:]))"), "no restart is allowed"),
        (gives_up("None"), "is None"),
    ],
    "step-key": [
        (step_key("str(hash((order, step)))"), "called again it is another key"),
        (step_key("__import__('uuid').uuid4().hex"), "called again"),
        (step_key("f'{order}/{step}/{attempt}'"), "second attempt"),
        (step_key("f'{order}/{step}/{amount}'"), "the bank cannot refuse"),
        (step_key("order"), "not [300, 300]"),
        (step_key("str(step)"), "x: 300, 120, 120; y: 300"),
        (step_key("f'{order}{step}'"), "one key for"),
        (step_key("f'{step}{order}'"), "one key for"),
        (step_key("(order, step)"), "a key is a text"),
    ],
}  # fmt: skip

SIMULATED = """
def outlook(workers, connections, service, owned):
    import heapq
    if owned:
        return connections - min(workers, connections), float(service)
    free, ends = [0.0] * workers, []
    for _ in range(connections):
        end = heapq.heappop(free) + service
        heapq.heappush(free, end)
        ends.append(end)
    return 0, sorted(ends)[(len(ends) - 1) // 2]
"""
WALKED = """
def honest(samples, interval, percent):
    from bisect import bisect_right
    from fractions import Fraction
    from math import ceil
    answered = [done for _, done in samples]
    waits, moment = [], 0
    while moment <= samples[-1][0]:
        waits.append(answered[bisect_right(answered, moment)] - moment)
        moment += interval
    waits.sort()
    return waits[ceil(Fraction(percent, 100) * len(waits)) - 1]
"""
RECURSIVE = """
def add_one(read, write, left=10):
    if not left:
        raise TimeoutError
    number, version = read()
    return number + 1 if write(number + 1, version) else add_one(read, write, left - 1)
"""
REMEMBERED = """
def gives_up(starts, R, T):
    recent = []
    for now in starts[1:]:
        recent = [then for then in recent if then >= now - T] + [now]
        if len(recent) > R:
            return True
    return False
"""
JSON = """
def step_key(order, step, attempt, amount):
    import hashlib, json
    return hashlib.sha256(json.dumps([order, step]).encode()).hexdigest()
"""


@pytest.mark.parametrize(
    ("name", "answer"),
    [("outlook", SIMULATED), ("honest", WALKED), ("add_one", RECURSIVE), ("gives-up", REMEMBERED), ("step-key", JSON)],
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("03", name, answer) == ""
