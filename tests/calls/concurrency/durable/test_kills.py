"""Real processes, killed at every point of every step: who charges twice, and who notices a clock."""

from __future__ import annotations

import pytest

from companion.calls.concurrency.durable.kills import POINTS, charges_made, killed_at
from companion.calls.concurrency.durable.program import AMOUNTS
from companion.errors import CompanionError


@pytest.mark.parametrize(
    ("point", "keyed", "made"),
    [("after effect", False, 8), ("after effect", True, 4), ("after journal", False, 4), ("before effect", False, 4)],
)
def test_killed_at_this_point_of_each_step_once(point: str, keyed: bool, made: int) -> None:
    assert charges_made(point, keyed=keyed) == made


def test_killed_at_every_point_of_every_step_with_keys_it_ends_and_charges_each_part_once() -> None:
    everywhere = [(step, point) for step in range(1, len(AMOUNTS) + 1) for point in POINTS]
    outcome = killed_at(everywhere, keyed=True)
    assert outcome.kills == len(everywhere)
    assert (outcome.charges, outcome.end, outcome.steps) == (AMOUNTS, "finished", len(AMOUNTS))


@pytest.mark.parametrize(
    ("step", "point", "end"),
    [
        (2, "before effect", "finished"),
        (2, "after effect", "refused by the bank"),
        (2, "after journal", "refused by the replay"),
        (3, "before effect", "refused by the replay"),
    ],
)
def test_a_clock_is_noticed_once_its_step_is_done(step: int, point: str, end: str) -> None:
    assert killed_at([(step, point)], keyed=True, what="by the clock").end == end


def test_without_a_key_the_bank_cannot_notice_it_and_charges_two_amounts() -> None:
    outcome = killed_at([(2, "after effect")], keyed=False, what="by the clock")
    assert (outcome.end, len(outcome.charges), len(set(outcome.charges))) == ("finished", 4, 4)


def test_a_process_that_fails_otherwise_is_an_error() -> None:
    with pytest.raises(CompanionError, match="the process ended with 1"):
        killed_at([], keyed=True, what="no such journey")
