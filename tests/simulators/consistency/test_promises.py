"""Each arrow of the map has a history that the weaker model allows and the stronger one does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.history import Operation, check
from companion.simulators.consistency.promises import (
    ARROWS,
    History,
    causal,
    linearizable,
    reads_its_writes,
    sequential,
    sessions,
)

LADDER: list[Callable[[History], bool]] = [linearizable, sequential, causal, sessions, reads_its_writes]


def ended(*steps: tuple[str, str, str | None]) -> list[Operation]:
    """Give operations that were done one after the other: who, what, and the value."""
    return [Operation(who, f, "x", value, 2 * n, 2 * n + 1) for n, (who, f, value) in enumerate(steps)]


@st.composite
def small_histories(draw: st.DrawFn) -> list[Operation]:
    """Draw up to six operations of two or three processes that may overlap; every write has a value of its own."""
    found: list[Operation] = []
    now, free = 0, {"p": 0, "q": 0, "r": 0}
    for number in range(draw(st.integers(1, 6))):
        who = draw(st.sampled_from("pqr"))
        begun = max(now, free[who]) + 1
        end = begun + draw(st.sampled_from([1, 5, 20]))
        now, free[who] = begun + draw(st.integers(0, 3)), end
        writes = draw(st.booleans())
        value = (
            str(number) if writes else draw(st.sampled_from([None, *(one.value for one in found if one.f == "write")]))
        )
        found.append(
            Operation(who, "write" if writes else "read", "x", value, 100 * begun + number, 100 * end + 50 + number)
        )
    return found


@given(small_histories())
def test_the_brute_force_and_the_checker_agree(history: list[Operation]) -> None:
    assert linearizable(history) is check(history).linearizable


@given(small_histories())
def test_whatever_a_model_allows_the_weaker_ones_allow_too(history: list[Operation]) -> None:
    verdicts = [model(history) for model in (linearizable, sequential, causal)]
    assert verdicts == sorted(verdicts)
    if verdicts[0]:
        assert sessions(history)


@pytest.mark.parametrize(
    ("stronger", "weaker", "history"),
    [
        (linearizable, sequential, ended(("p", "write", "1"), ("q", "read", None))),
        (sequential, causal, [
            Operation("p", "write", "x", "1", 0, 3), Operation("q", "write", "x", "2", 1, 2),
            *(Operation(who, "read", "x", value, 10 * n, 10 * n + 1)
              for n, (who, value) in enumerate([("r", "1"), ("r", "2"), ("s", "2"), ("s", "1")], start=1))]),
        (causal, reads_its_writes, ended(("p", "write", "1"), ("q", "read", "1"), ("q", "read", None))),
    ],
)  # fmt: skip
def test_each_arrow_of_the_map_is_one_way(
    stronger: Callable[[History], bool], weaker: Callable[[History], bool], history: list[Operation]
) -> None:
    place = LADDER.index(stronger)
    assert [model(history) for model in LADDER[: place + 1]] == [False] * (place + 1)
    assert weaker(history)


def test_the_map_leads_from_the_strongest_to_the_weakest() -> None:
    stronger, weaker = {one.stronger for one in ARROWS}, {one.weaker for one in ARROWS}
    assert stronger - weaker == {"strict serializable"}
    assert weaker - stronger == {"serializable", "session guarantees"}
