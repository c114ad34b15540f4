"""Chapter 4: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

TREE = """
def reduce_tree(rank, size):
    steps, distance = [], 1
    while distance < size:
        BODY
        distance *= 2
    return steps
"""
UPWARDS = """if rank % (2 * distance):
            return steps + [("send", rank - distance)]
        BOUND
            steps.append(("receive", rank + distance))"""
DOUBLING = """if rank ^ distance < size:
            steps += [("send", rank ^ distance), ("receive", rank ^ distance)]"""
DOWNWARDS = """if rank < distance and rank + distance < size:
            steps.append(("receive", rank + distance))
        elif distance <= rank < 2 * distance:
            steps.append(("send", rank - distance))"""
LINEAR = """
def reduce_tree(rank, size):
    return [("send", 0)] if rank else [("receive", other) for other in range(1, size)]
"""
CHAIN = """
def reduce_tree(rank, size):
    return [("receive", rank + 1)] * (rank + 1 < size) + [("send", rank - 1)] * (rank > 0)
"""
HALVES = """
def reduce_tree(rank, size):
    steps, half = [], size // 2
    while half:
        if rank >= half:
            return steps + [("send", rank - half)]
        steps.append(("receive", rank + half))
        half //= 2
    return steps
"""

STEP = """
def done(space, lease, results, now):
    loans, tuples = space["loans"], space["tuples"]
    BODY
"""
SEAT = """
class Seat:
    def __init__(self):
        self.bookings, self.newest = [], 0

    def is_free(self, token):
        READ
        return not self.bookings

    def book(self, who, token):
        if REFUSES:
            return False
        self.newest = token
        self.bookings.append(who)
        return True
"""


def tree(body: str) -> str:
    return TREE.replace("BODY", body)


def upwards(bound: str) -> str:
    return tree(UPWARDS.replace("BOUND", bound))


def step(body: str) -> str:
    return STEP.replace("BODY", body.replace("\n", "\n    "))


def seat(read: str = "self.newest = max(self.newest, token)", refuses: str = "token < self.newest") -> str:
    return SEAT.replace("READ", read).replace("REFUSES", refuses)


def period(formula: str) -> str:
    return f"def period(ttl, lost, delay):\n    return {formula}"


WRONG: dict[str, list[tuple[str, str]]] = {
    "reduce": [
        (LINEAR, "who could send earlier"),
        (CHAIN, "who could send earlier"),
        (tree(DOUBLING), "each but rank 0 sends one"),
        (tree(DOWNWARDS), "a 0 was lost"),
        (HALVES, "on 3 ranks"),
        (upwards("if True:"), "on 3 ranks: ranks wait for ever"),
        (upwards("if rank + distance <= size:"), "ranks wait for ever"),
        (tree(UPWARDS.replace("BOUND", "if rank + distance < size:").replace("return steps +", "steps +=")),
         "ranks wait for ever"),
        ("def reduce_tree(rank, size):\n    return [('recv', 1)] if rank == 0 else [('send', 0)]", "no send and no"),
    ],
    "done": [
        (step("loans.pop(lease)\ntuples += results\nreturn True"), "the lease was over, and the result is in"),
        (step("_, until = loans.pop(lease, (None, 0.0))\nif now < until:\n    tuples += results\nreturn now < until"),
         "belongs back in the space"),
        (step("fields, until = loans.pop(lease)\ntuples += results if now < until else [fields]\nreturn now < until"),
         "a lease that nobody has"),
        (step("if lease not in loans:\n    return False\nfields, until = loans[lease]\n"
              "tuples += results if now < until else [fields]\nreturn now < until"), "in time, the space is then"),
        (step("fields, until = loans.get(lease, (None, 0.0))\nif now >= until:\n    return False\n"
              "del loans[lease]\ntuples += results\nreturn True"), "belongs back in the space"),
        (step("fields, until = loans.pop(lease, (None, 0.0))\nif fields is None:\n    return False\n"
              "tuples += results if now <= until else [fields]\nreturn now <= until"), "at its last second"),
        (step("fields, until = loans.pop(lease, (None, 0.0))\ntuples += results if now < until else [fields]\n"
              "return now < until"), "done twice"),
    ],
    "seat": [
        (seat(read="pass"), "a newer token has read"),
        (seat(refuses="token <= self.newest"), "the token that read may write"),
        (seat(read="self.newest = token"), "an old read has made the store forget"),
        (seat(refuses="token < self.newest or self.bookings"), "refuse what is older"),
        (seat(refuses="self.bookings"), "refuse what is older"),
        (seat(refuses="False"), "an older token wrote"),
    ],
    "period": [
        (period("ttl // (lost + 1)"), "the lease is over before the renewal arrives"),
        (period("(ttl - delay) // (lost + 1)"), "its time has just passed"),
        (period("(ttl - 1) // (lost + 1) - delay"), "so is"),
        (period("ttl // 3"), "ttl"),
        (period("(ttl - delay - 1) / (lost + 1)"), "no whole number"),
        (period("(ttl - delay - 1) // (lost + 1)"), "nothing will do"),
        (period("max(1, (ttl - delay - 1) // (lost + 1))"), "nothing will do"),
    ],
}  # fmt: skip

BITS = """
def reduce_tree(rank, size):
    for bit in range(size.bit_length()):
        partner = rank ^ 1 << bit
        if partner < rank:
            yield "send", partner
            return
        if partner < size:
            yield "receive", partner
"""
HALVING = """
def reduce_tree(rank, size):
    left, steps = size, ()
    while left > 1:
        half = (left + 1) // 2
        if rank >= half:
            return steps + (("send", rank - half),)
        if rank + half < left:
            steps += (["receive", rank + half],)
        left = half
    return steps
"""
MATCHED = """
def done(space, lease, results, now):
    match space["loans"].get(lease):
        case None:
            return False
        case task, until:
            del space["loans"][lease]
            in_time = until > now
            space["tuples"] = [*space["tuples"], *(results if in_time else (task,))]
            return in_time
"""
SEEN = """
class Seat:
    def __init__(self):
        self.bookings = []
        self.seen = {0}

    def is_free(self, token):
        self.seen.add(token)
        return len(self.bookings) == 0

    def book(self, who, token):
        self.seen.add(token)
        return token == max(self.seen) and not self.bookings.append(who)
"""
SEARCH = """
def period(ttl, lost, delay):
    every = 0
    while (every + 1) * (lost + 1) + delay < ttl:
        every += 1
    if not every:
        raise ValueError("no period will do")
    return every
"""


@pytest.mark.parametrize(
    ("name", "answer"),
    [("reduce", BITS), ("reduce", HALVING), ("done", MATCHED), ("seat", SEEN), ("period", SEARCH)],
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("04", name, answer) == ""
