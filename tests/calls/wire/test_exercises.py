"""What checks chapter 2's exercises is right itself: calls, faults, a wire that loses, a day at a desk."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.customers import CustomerStore
from companion.calls.wire.exercises import (
    LossyWire,
    get_call,
    observe,
    restarts,
    some_faults,
    spoil,
    trade,
)
from companion.calls.wire.oncrpc import SUCCESS, answer
from companion.calls.wire.recording.record import ADA, record
from companion.calls.wire.xdr import XdrError, pack_uint


class Crash(Exception):
    """The process is gone."""


class Journal:
    """As the chapter has it."""

    def __init__(self, crash_after: int | None = None) -> None:
        self.lines: list[list[object]] = []
        self.crash_after = crash_after

    def append(self, entry: list[object]) -> None:
        self.lines.append(entry)
        if len(self.lines) == self.crash_after:
            raise Crash


class Desk:
    """Books each key once, in one entry."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def pay(self, key: str, amount: int) -> int:
        for known, first, balance in self.journal.lines:
            if known == key:
                if amount != first:
                    raise ValueError
                return int(str(balance))
        total = amount + sum(int(str(first)) for _, first, _ in self.journal.lines)
        self.journal.append([key, amount, total])
        return total


class Forgetful(Desk):
    """Books each payment as often as it comes."""

    def pay(self, key: str, amount: int) -> int:
        return super().pay(f"{key} {len(self.journal.lines)}", amount)


def deliver(pay: object, key: str, amount: int, attempts: int) -> object:
    told: object = None
    for _ in range(attempts):
        told = observe(pay, key, amount)  # type: ignore[arg-type]
        if told not in ("ConnectionError", "TimeoutError"):
            break
    return told


def test_a_right_call_is_what_a_client_sends() -> None:
    assert get_call() == record("oncrpc", lambda client: client.get(1))[0].request


@given(st.randoms(use_true_random=False))
def test_a_call_with_faults_gets_no_customer(draw: random.Random) -> None:
    faults = some_faults(draw)
    call = spoil(get_call(), faults)
    assert {at for at in range(0, 48, 4) if call[at : at + 4] != get_call()[at : at + 4]} == set(faults)
    try:
        reply = answer(CustomerStore([ADA]), call[4:])
    except XdrError:
        reply = b""
    served = reply[8:24] == bytes(12) + pack_uint(SUCCESS) and reply[24:28] == pack_uint(ADA.id)
    unseen = {0, 28, 32, 36, 40}  # our server is lenient with credentials; the mark is not part of the message
    assert served == (not faults or set(faults) <= unseen) or set(faults) & unseen


def test_a_wire_loses_what_it_is_told_to_and_no_more() -> None:
    wire = LossyWire(Desk(Journal()), ["request", "answer", "refused", "forbidden"])
    told = [observe(wire.pay, "k", 7) for _ in range(5)]
    assert told == ["ConnectionError", "TimeoutError", "ValueError", "PermissionError", 7]
    assert wire.calls == 5 * [("k", 7)]


@pytest.mark.parametrize("entries", [None, 1, 2, 3])
def test_after_a_crash_a_desk_that_writes_at_once_has_booked_each_key_once(entries: int | None) -> None:
    assert restarts(Desk, Journal(crash_after=entries)) == (10, 11, 12)


def test_after_a_crash_a_desk_without_memory_has_booked_twice() -> None:
    assert restarts(Forgetful, Journal()) == (20, 21, 22)


@pytest.mark.parametrize("seed", range(5))
def test_a_day_at_a_good_desk_ends_with_what_was_due(seed: int) -> None:
    booked, due, answers = trade(Desk, deliver, Journal(), random.Random(seed))
    assert booked == due
    assert all(len(got) == 1 for got in answers.values())


@pytest.mark.parametrize("seed", range(5))
def test_a_day_at_a_forgetful_desk_does_not(seed: int) -> None:
    booked, due, answers = trade(Forgetful, deliver, Journal(), random.Random(seed))
    assert booked > due
    assert any(len(got) > 1 for got in answers.values())
