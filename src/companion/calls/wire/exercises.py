"""What the checks of chapter 2's exercises need: calls with faults in them, a wire that loses, a day at a desk."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from companion.calls.wire.oncrpc import GET_CUSTOMER, call_message
from companion.calls.wire.record_marking import encode_record
from companion.calls.wire.xdr import pack_uint

XID, ID = 4, 44  # offsets of the words that are their sender's to choose
VERSION = 20

FAULTS = {
    "a record mark that announces 4 bytes too few": {0: 0x8000_0028},
    "a record mark that promises more fragments": {0: 0x2C},
    "a reply": {8: 1},
    "another program": {16: 0x2000_0002},
    "a verifier with a length": {40: 4},
    "a procedure that adds": {24: 1},
    "a procedure that lists": {24: 3},
    "an identifier of zero": {44: 0},
    "an identifier of 2147483648": {44: 0x8000_0000},
    "another version of RPC, and another procedure": {12: 3, 24: 9},
}
"""Words to put into a call, by their offsets."""

STORY = (
    (("a", 10), 10, "the first payment"),
    (("b", 5), 15, "10 were there, and 5 come"),
    (("a", 10), 10, "its caller is owed the first answer"),
    (("c", 1), 16, "was the repetition booked?"),
    (("a", 11), "ValueError", "this key was booked with 10"),
)
"""Payments at a desk, what each is owed, and what to think of when it is not."""

LOSSES = (
    (["request", "answer", "answer"], 5, 7, 4),
    (9 * ["answer"], 3, "TimeoutError", 3),
    (["answer", "answer", "request"], 3, "ConnectionError", 3),
    (["refused"], 3, "ValueError", 1),
    (["forbidden"], 3, "PermissionError", 1),
)
"""What a wire loses of a payment of 7, how many attempts are allowed, what the caller gets, and how often it sends."""


def get_call(xid: int = 1, version: int = 2, id: int = 1) -> bytes:
    """Return a right call of GET_CUSTOMER, 48 bytes."""
    return encode_record(call_message(xid, version, GET_CUSTOMER, pack_uint(id)))


def spoil(call: bytes, faults: Mapping[int, int]) -> bytes:
    """Put other words into a call, by their offsets."""
    for at, word in faults.items():
        call = call[:at] + pack_uint(word) + call[at + 4 :]
    return call


def some_faults(draw: random.Random) -> dict[int, int]:
    """Choose up to three words of a call, and give each a value that it must not have."""
    right = get_call()
    faults = {}
    for at in draw.sample([at for at in range(0, len(right), 4) if at != XID], draw.randint(0, 3)):
        word = draw.choice([0, 2**31, 2**32 - 1]) if at == ID else draw.choice([0, 1, 3, 2**31, draw.getrandbits(32)])
        allowed = {1, 2} if at == VERSION else {int.from_bytes(right[at : at + 4], "big")}
        if word not in allowed or at == ID:
            faults[at] = word
    return faults


def observe(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call something, and return its result, or the name of the error that it raised."""
    try:
        return call(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever a reader's code raises is what we want to see
        return type(error).__name__


def restarts(desk: Callable[[Any], Any], journal: Any) -> tuple[Any, Any, Any]:
    """Pay 10 at a desk, which may crash; the same again and 1 more at a second desk, and 1 more at a third."""
    observe(desk(journal).pay, "x", 10)
    journal.crash_after = None
    second = observe(desk, journal)
    again, after = observe(lambda: second.pay("x", 10)), observe(lambda: second.pay("y", 1))
    return again, after, observe(lambda: desk(journal).pay("z", 1))


class LossyWire:
    """Carries payments to a desk, and loses what it is told to.

    Parameters
    ----------
    desk : object
        Has a method `pay(key, amount)`.
    losses : sequence of str
        Call by call: "request" or "answer" is lost, "refused" and "forbidden" are errors of the desk; after the last,
        all is well.
    """

    def __init__(self, desk: Any, losses: Sequence[str]) -> None:
        self._desk = desk
        self._losses = list(losses)
        self.calls: list[tuple[Any, Any]] = []

    def pay(self, key: Any, amount: Any) -> Any:
        """Carry a payment."""
        self.calls.append((key, amount))
        loss = self._losses.pop(0) if self._losses else ""
        if loss == "refused":
            raise ValueError("no such account")
        if loss == "forbidden":
            raise PermissionError("not from this account")
        if loss == "request":
            raise ConnectionError("the request was lost")
        answer = self._desk.pay(key, amount)
        if loss == "answer":
            raise TimeoutError("the answer was lost")
        return answer


def trade(
    desk: Callable[[Any], Any], deliver: Callable[..., Any], journal: Any, draw: random.Random
) -> tuple[int, int, dict[str, set[Any]]]:
    """Make payments at a desk that crashes, over a wire that loses; at last ask once more for each of them.

    Returns
    -------
    tuple
        What was booked, what was due, and every answer that each key ever got.
    """
    at = desk(journal)
    answers: dict[str, set[Any]] = {}

    def pay(key: str, amount: int) -> Any:
        nonlocal at
        if draw.random() < 0.3:
            raise ConnectionError("the request was lost")
        journal.crash_after = len(journal.lines) + 1 if draw.random() < 0.2 else None
        answer = observe(at.pay, key, amount)
        if answer == "Crash":
            journal.crash_after = None
            at = desk(journal)
            raise ConnectionError("the desk is gone")
        if draw.random() < 0.3:
            raise TimeoutError("the answer was lost")
        return answer

    due = {str(number): draw.randint(1, 9999) for number in range(25)}
    for _ in range(60):
        key = str(draw.randrange(25))
        answers.setdefault(key, set()).add(observe(deliver, pay, key, due[key], 3))
    journal.crash_after = None
    for key, amount in due.items():
        answers.setdefault(key, set()).add(observe(at.pay, key, amount))
    booked = observe(lambda: desk(journal).pay("end", 0))
    return booked, sum(due.values()), {key: got - {"ConnectionError", "TimeoutError"} for key, got in answers.items()}
