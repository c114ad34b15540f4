"""The stage on which a reader's client is judged: right ones pass, and each part of a right one is needed."""

from __future__ import annotations

from typing import Any

import pytest

from companion.simulators.consistency.hands_on.rehearsal import rehearse

STAGES: list[dict[str, Any]] = [
    {"nodes": 3, "clients": 4, "each": 6, "loss": 0.0},
    {"nodes": 5, "clients": 2, "each": 9, "loss": 0.4},
    {"nodes": 7, "clients": 3, "each": 9, "loss": 0.4},
]


def stamp(replies: list[Any], client: int, mine: int) -> tuple[int, int]:
    return max(mine, *(number for (number, _), _ in replies)) + 1, client


def newest(replies: list[Any]) -> Any:
    return max(replies, key=lambda reply: reply[0])


def after_read(replies: list[Any]) -> tuple[Any, Any]:
    return newest(replies)[1], newest(replies) if len(set(replies)) > 1 else None


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("seed", range(5))
def test_a_right_client_passes(stage: dict[str, Any], seed: int) -> None:
    assert rehearse(stamp, after_read, seed=seed, **stage) == ""


@pytest.mark.parametrize("seed", range(5))
def test_a_version_that_has_been_given_away_is_not_given_again(seed: int) -> None:
    def forgets(replies: list[Any], client: int, mine: int) -> tuple[int, int]:
        return stamp(replies, client, 0)  # a write that timed out may be known to nobody whom it asks

    def ties(replies: list[Any], client: int, mine: int) -> tuple[int, int]:
        return stamp(replies, client, mine)[0], 0

    assert "given to a second value" in rehearse(forgets, after_read, seed=seed, **STAGES[1])
    assert "given to a second value" in rehearse(ties, after_read, seed=seed, **STAGES[0])


@pytest.mark.parametrize("seed", range(5))
def test_a_read_that_does_not_write_back_is_found_and_drawn(seed: int) -> None:
    silent = rehearse(stamp, lambda replies: (newest(replies)[1], None), seed=seed, **STAGES[0])
    assert "one copy could not have answered so:\nprocess" in silent


def test_a_round_that_changes_nothing_and_what_nobody_had_are_refused() -> None:
    again = rehearse(stamp, lambda replies: (newest(replies)[1], newest(replies)), seed=1, **STAGES[0])
    assert "the round changes nothing" in again
    assert "and nobody had it" in rehearse(stamp, lambda replies: (None, ((9, 9), 9)), seed=1, **STAGES[0])
