"""A wrong history is cut down to a part that is still wrong, and of which nothing can be left out."""

from __future__ import annotations

import pytest

from companion.history import check
from companion.history.shrink import counterexample, until, without
from tests.history.test_search import ALL, by_configurations, linearizable, op, random_history

LONE_READ = [
    op(0, "write", "0", 0, 1),
    op(1, "write", "1", 2, 20),
    op(2, "read", "1", 3, 4),
    op(3, "read", "0", 5, 6),
    op(4, "write", "9", 7, 8),
    op(4, "read", "9", 9, 10),
]


def test_what_came_after_the_mistake_is_left_out_and_the_open_write_is_pending() -> None:
    found = counterexample(LONE_READ)
    assert [one.told for one in found.operations] == ["write 0", "write 1", "read 1", "read 0"]
    assert [one.pending for one in found.operations] == [False, True, False, False]
    assert found.minimal
    assert found.prefix == 5


@pytest.mark.parametrize("model", ALL)
def test_nothing_can_be_left_out_and_the_prefix_is_the_longest(model: str) -> None:
    wrong = 0
    for seed in range(300):
        history = random_history(seed, model, 9, honest=False)
        if check(history, model).linearizable:
            with pytest.raises(ValueError, match="linearizable"):
                counterexample(history, model)
            continue
        wrong += 1
        found = counterexample(history, model)
        assert found.minimal
        assert not by_configurations(found.operations, model)
        for one in found.operations:
            smaller = without(found.operations, [one], model)
            assert len(smaller) < len(found.operations)
            assert by_configurations(smaller, model)
        assert found.prefix is not None
        assert by_configurations(until(history, found.prefix), model)
        following = min(
            place
            for one in history
            for place in (one.invoked, one.returned)
            if place is not None and place > found.prefix
        )
        assert not by_configurations(until(history, following), model)
    assert wrong > 100


def test_a_write_leaves_together_with_what_saw_it() -> None:
    part = [op(0, "write", "1", 0, 1), op(1, "cas", ("1", "2"), 2, 3), op(2, "read", "2", 4, 5)]
    assert without(part, part[:1], "cas-register") == []
    assert [one.told for one in without(part, part[1:2], "cas-register")] == ["write 1"]


def test_a_read_of_a_set_loses_what_is_left_out() -> None:
    part = [op(0, "add", "1", 0, 1), op(1, "add", "2", 2, 3), op(2, "read", frozenset({"1", "2"}), 4, 5)]
    assert [one.told for one in without(part, part[:1], "set")] == ["add 2", "read {2}"]


def test_a_read_of_a_counter_stays_while_the_other_adds_explain_it() -> None:
    part = [op(0, "add", 1, 0, 1), op(1, "add", 2, 2, 3), op(2, "read", 2, 4, 5), op(2, "read", 3, 6, 7)]
    assert [one.told for one in without(part, part[:1], "counter")] == ["add 2", "read 2"]


def test_a_thousand_operations_shrink_to_a_handful() -> None:
    history = [op(0, "write", str(number), 4 * number, 4 * number + 1) for number in range(500)]
    history += [op(1, "read", str(number), 4 * number + 2, 4 * number + 3) for number in range(499)]
    history.append(op(1, "read", "17", 5_000, 5_001))
    found = counterexample(history)
    assert found.operations[0].told == "write 17"
    assert len(found.operations) == 3
    assert linearizable(found.operations) is False


def test_when_the_time_is_over_what_was_found_so_far_is_given() -> None:
    found = counterexample(LONE_READ, timeout=-1)
    assert not found.minimal
    assert found.prefix is None
    assert linearizable(found.operations) is False
