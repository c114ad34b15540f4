"""The verdict on a history: small ones of known verdict, several keys, and a limit that comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from companion.history import Operation, check


def op(process: int, f: str, value: Any, invoked: int, returned: int | None, key: str = "k") -> Operation:
    return Operation(str(process), f, key, value, invoked, returned)


def linearizable(operations: Sequence[Operation], model: str = "register") -> bool | None:
    return check(operations, model).linearizable


# The example of the chapter


def test_two_quorum_reads_that_see_a_write_and_then_do_not_are_rejected() -> None:
    write = op(0, "write", "1", 0, 100)
    first, second = op(1, "read", "1", 10, 20), op(2, "read", None, 30, 40)
    assert linearizable([write, first, second]) is False
    assert linearizable([op(0, "write", "1", 0, None), first, second]) is False


def test_the_same_reads_the_other_way_round_are_accepted() -> None:
    write = op(0, "write", "1", 0, 100)
    assert linearizable([write, op(1, "read", None, 10, 20), op(2, "read", "1", 30, 40)]) is True


# What is pending


def test_a_write_that_never_returned_may_take_place_late_or_never() -> None:
    write = op(0, "write", "1", 0, None)
    assert linearizable([write, op(1, "read", None, 10, 11), op(1, "read", "1", 20, 21)]) is True
    assert linearizable([write, op(1, "read", None, 10, 11)]) is True
    assert linearizable([write, op(1, "read", "1", 10, 11), op(1, "read", None, 20, 21)]) is False


def test_a_write_that_never_returned_takes_place_once_at_most() -> None:
    history = [op(0, "write", "1", 0, None), op(1, "read", "1", 10, 11), op(1, "write", "2", 12, 13),
               op(1, "read", "2", 14, 15)]  # fmt: skip
    assert linearizable(history) is True
    assert linearizable([*history, op(1, "read", "1", 16, 17)]) is False


def test_a_write_of_what_is_there_already_can_bring_its_value_back() -> None:
    again = op(2, "write", "1", 2, 20)
    history = [op(0, "write", "1", 0, 1), op(1, "write", "2", 3, 4), again]
    assert linearizable([*history, op(1, "read", "1", 5, 6)]) is True
    assert linearizable([*history, op(1, "read", "1", 5, 6), op(1, "read", "2", 7, 8)]) is False


def test_a_history_of_nothing_is_linearizable() -> None:
    assert linearizable([]) is True


def hard(key: str, width: int) -> list[Operation]:
    """A read of what nobody wrote, beside many concurrent counters' adds: all subsets of them look promising."""
    adds = [op(n, "add", 2**n, n, 10_000, key) for n in range(width)]
    return [*adds, op(99, "read", 2**width - 1, 5000, 5001, key), op(98, "read", 2**width - 3, 5002, 5003, key)]


def test_one_hard_key_does_not_hide_a_bad_one() -> None:
    bad = [op(0, "read", 7, 0, 1, "bad")]
    easy = [op(n, "add", 1, 10 * n, 10 * n + 5, f"easy {n}") for n in range(50)]
    verdict = check([*hard("hard", 40), *easy, *bad], "counter", steps=3_000)
    assert verdict.linearizable is False
    assert [one.key for one in verdict.keys if one.linearizable is False] == ["bad"]
    assert all(one.linearizable for one in verdict.keys if one.key.startswith("easy"))
    assert next(one for one in verdict.keys if one.key == "hard").linearizable is None


def test_a_limit_that_comes_first_leaves_the_verdict_open() -> None:
    assert check(hard("k", 60), "counter", steps=2_000).linearizable is None
    assert check(hard("k", 60), "counter", timeout=0.0).linearizable is None
