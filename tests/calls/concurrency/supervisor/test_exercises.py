"""The cases of the exercise agree with the supervisor, and tell likely wrong answers from right ones."""

from __future__ import annotations

import pytest

from companion.calls.concurrency.supervisor.exercises import INTENSITY, supervisor_gives_up


@pytest.mark.parametrize(("starts", "restarts", "within", "owed", "why"), INTENSITY)
def test_the_supervisor_does_what_the_case_says(
    starts: tuple[float, ...], restarts: int, within: float, owed: bool, why: str
) -> None:
    assert supervisor_gives_up(starts, restarts, within) is owed, why


def total(starts: tuple[float, ...], allowed: int, within: float) -> bool:
    return len(starts) - 1 > allowed


def last_only(starts: tuple[float, ...], allowed: int, within: float) -> bool:
    return sum(starts[-1] - start <= within for start in starts[1:]) > allowed


def first_counted(starts: tuple[float, ...], allowed: int, within: float) -> bool:
    return any(late - early <= within for early, late in zip(starts, starts[allowed:], strict=False))


def strict(starts: tuple[float, ...], allowed: int, within: float) -> bool:
    return any(late - early < within for early, late in zip(starts[1:], starts[allowed + 1 :], strict=False))


def tumbling(starts: tuple[float, ...], allowed: int, within: float) -> bool:
    periods = [int(start // (within or 1)) for start in starts[1:]]
    return any(periods.count(period) > allowed for period in periods)


@pytest.mark.parametrize("wrong", [total, last_only, first_counted, strict, tumbling])
def test_a_likely_wrong_answer_fails_one_of_the_cases(wrong: object) -> None:
    assert callable(wrong)
    assert any(wrong(starts, allowed, within) is not owed for starts, allowed, within, owed, _ in INTENSITY)
