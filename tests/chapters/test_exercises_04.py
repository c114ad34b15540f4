"""Chapter 4: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

TREE = """
def reduce_tree(rank, size, value):
    from companion.calls.coordination.mpi.algorithms import Receive, Send
    BODY
"""
UPWARDS = """distance = 1
    while distance < size:
        if rank % (2 * distance):
            yield Send(rank - distance, value)
            return GIVES
        BOUND
            value OP yield Receive(rank + distance)
        distance *= 2
    return value"""
LINEAR = """if rank:
        yield Send(0, value)
        return None
    for other in range(1, size):
        value += yield Receive(other)
    return value"""
CHAIN = """if rank + 1 < size:
        value += yield Receive(rank + 1)
    if rank:
        yield Send(rank - 1, value)
        return None
    return value"""
DOUBLING = """distance = 1
    while distance < size:
        if rank ^ distance < size:
            yield Send(rank ^ distance, value)
            value += yield Receive(rank ^ distance)
        distance *= 2
    return None if rank else value"""
HALVES = """distance = size // 2
    while distance:
        if rank >= distance:
            yield Send(rank - distance, value)
            return None
        value += yield Receive(rank + distance)
        distance //= 2
    return value"""

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


def upwards(gives: str = "None", bound: str = "if rank + distance < size:", op: str = "+=") -> str:
    return tree(UPWARDS.replace("GIVES", gives).replace("BOUND", bound).replace("OP", op))


def step(body: str) -> str:
    return STEP.replace("BODY", body.replace("\n", "\n    "))


def seat(read: str = "self.newest = max(self.newest, token)", refuses: str = "token < self.newest") -> str:
    return SEAT.replace("READ", read).replace("REFUSES", refuses)


def period(formula: str) -> str:
    return f"def period(ttl, lost, delay):\n    return {formula}"


WRONG: dict[str, list[tuple[str, str]]] = {
    "reduce": [
        (tree(LINEAR), "rounds"),
        (tree(CHAIN), "rounds"),
        (tree(DOUBLING), "each but rank 0 sends one"),
        (tree(HALVES), "a 0 was lost"),
        (upwards(bound="if True:"), "on 3 ranks"),
        (upwards(gives="value"), "only rank 0 has a sum"),
        (upwards(op="="), "a 0 was lost"),
        ("def reduce_tree(rank, size, value):\n    return None if rank else int('1' * size)\n    yield",
         "0 messages on 2 ranks"),
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
    "fence": [
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

RECURSIVE = """
def reduce_tree(rank, size, value):
    from companion.calls.coordination.mpi.algorithms import Receive, Send
    for bit in range(size.bit_length()):
        partner = rank ^ 1 << bit
        if partner < rank:
            yield Send(partner, value)
            return
        if partner < size:
            value = value + (yield Receive(partner))
    return value
"""
HALVING = """
def reduce_tree(rank, size, value):
    from companion.calls.coordination.mpi.algorithms import Receive, Send
    left = size
    while left > 1:
        half = (left + 1) // 2
        if rank >= half:
            yield Send(rank - half, value)
            return None
        if rank + half < left:
            value += yield Receive(rank + half)
        left = half
    return value
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
    [("reduce", RECURSIVE), ("reduce", HALVING), ("done", MATCHED), ("fence", SEEN), ("period", SEARCH)],
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("04", name, answer) == ""
