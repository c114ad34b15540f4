"""A replay goes on where the history ends, does nothing in it twice, and notices a program that takes another way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.durable.journal import Journal, Step
from companion.calls.concurrency.durable.replay import NonDeterminism, Orchestration, run


class Crash(Exception):
    """The process is gone."""


def orchestration(asks: list[tuple[str, Any]]) -> Orchestration[list[Any]]:
    results = []
    for kind, argument in asks:
        results.append((yield kind, argument))
    return results


POINTS = ("before effect", "after effect", "after journal")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.integers(1, 5), crashes=st.lists(st.tuples(st.integers(1, 5), st.sampled_from(POINTS)), max_size=6))
def test_whatever_crashes_come_it_ends_right_and_each_effect_is_once_and_once_more_for_a_crash_in_between(
    tmp_path: Path, steps: int, crashes: list[tuple[int, str]]
) -> None:
    path = tmp_path / "journal"
    path.unlink(missing_ok=True)
    done: list[str] = []
    between = 0

    def perform(kind: str, argument: Any, name: str) -> str:
        done.append(name)
        return f"{kind} {argument}"

    for crash in [*crashes, None]:

        def pause(step: int, point: str, crash: tuple[int, str] | None = crash) -> None:
            if (step, point) == crash:
                raise Crash

        try:
            with Journal(path, sync=False) as journal:
                asks = [("do", number) for number in range(steps)]
                assert run(orchestration(asks), journal, perform, name="o", pause=pause) == [
                    f"do {n}" for n in range(steps)
                ]
        except Crash:
            assert crash is not None
            between += crash[1] == "after effect"
    assert len(done) == steps + between
    assert set(done) == {f"o/{number + 1}" for number in range(steps)}


def history(path: Path, *asks: tuple[str, Any]) -> Journal:
    journal = Journal(path, sync=False)
    for kind, argument in asks:
        journal.append(Step(kind, argument, "done"))
    return journal


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ([("pay", 1), ("pay", 3)], "step 2: .*another argument"),
        ([("pay", 1), ("send", 2)], "step 2: .*something else"),
        ([("pay", 2), ("pay", 1)], "step 1: .*another argument"),
        ([("pay", 1)], "step 2: .*at its end"),
        ([("pay", 1), ("pay", True)], "step 2: .*another argument"),
        ([("pay", 1.0), ("pay", 2)], "step 1: .*another argument"),
    ],
    ids=["argument", "kind", "order", "shorter", "true is no 2", "1.0 is no 1"],
)
def test_a_program_that_takes_another_way_is_refused_before_it_does_anything(
    tmp_path: Path, asks: list[tuple[str, Any]], says: str
) -> None:
    def never(kind: str, argument: Any, name: str) -> None:
        pytest.fail("it went on")

    with history(tmp_path / "journal", ("pay", 1), ("pay", 2)) as journal, pytest.raises(NonDeterminism, match=says):
        run(orchestration(asks), journal, never)


def test_a_longer_program_goes_on_and_the_order_of_keys_is_no_difference(tmp_path: Path) -> None:
    asks = [("pay", {"b": 2, "a": 1}), ("send", "receipt")]
    with history(tmp_path / "journal", ("pay", {"a": 1, "b": 2})) as journal:
        assert run(orchestration(asks), journal, lambda kind, argument, name: name) == ["done", "order/2"]


def test_an_error_of_an_activity_is_not_in_the_history_so_that_it_is_tried_again(tmp_path: Path) -> None:
    def broken(kind: str, argument: Any, name: str) -> None:
        raise ConnectionError

    with Journal(tmp_path / "journal", sync=False) as journal:
        with pytest.raises(ConnectionError):
            run(orchestration([("pay", 1)]), journal, broken)
        assert journal.steps == []
        assert run(orchestration([("pay", 1)]), journal, lambda kind, argument, name: 7) == [7]
