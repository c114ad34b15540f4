"""A wrong history is cut down to a part that is still wrong, and of which nothing can be left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest

from companion.history import Operation, check
from companion.history.leaving_out import without
from companion.history.shrink import counterexample, until
from companion.history.specifications import MODELS, UNKNOWN
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


def every_set_of_one_process(part: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    for process in sorted({one.process for one in part}):
        own = [one for one in part if one.process == process]
        for size in range(1, len(own) + 1):
            yield from combinations(own, size)


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
        assert found.prefix is not None
        assert not by_configurations(found.operations, model)
        unheard = [one for one in until(history, found.prefix + 1) if one.value == UNKNOWN]
        for gone in every_set_of_one_process(found.operations):
            smaller = without(found.operations, gone, MODELS[model])
            assert len(smaller) < len(found.operations)
            assert by_configurations(smaller + unheard, model)
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
    assert without(part, part[:1], MODELS["cas-register"]) == []
    assert [one.told for one in without(part, part[1:2], MODELS["cas-register"])] == ["write 1"]


def test_a_read_of_a_set_loses_what_is_left_out() -> None:
    part = [op(0, "add", "1", 0, 1), op(1, "add", "2", 2, 3), op(2, "read", frozenset({"1", "2"}), 4, 5)]
    assert [one.told for one in without(part, part[:1], MODELS["set"])] == ["add 2", "read {2}"]


def test_a_read_of_a_counter_stays_while_the_other_adds_explain_it() -> None:
    part = [op(0, "add", 1, 0, 1), op(1, "add", 2, 2, 3), op(2, "read", 2, 4, 5), op(2, "read", 3, 6, 7)]
    assert [one.told for one in without(part, part[:1], MODELS["counter"])] == ["add 2", "read 2"]


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


def told(*operations: Operation) -> list[str]:
    return [one.told for one in counterexample(operations, "cas-register").operations]


def test_a_read_is_not_kept_by_a_later_write_of_the_same_value() -> None:
    history = (
        op(0, "write", "1", 0, 1),
        op(1, "write", "2", 2, 3),
        op(2, "read", "1", 4, 5),  # stale
        op(3, "write", "1", 6, 7),
    )
    assert told(*history) == ["write 1", "write 2", "read 1"]


def test_a_cas_from_a_value_to_itself_is_no_source_of_that_value() -> None:
    history = (op(0, "write", "0", 0, 1), op(1, "cas", ("0", "0"), 2, 3), op(2, "write", "2", 4, 5),
               op(3, "read", "0", 6, 7))  # fmt: skip
    assert told(*history) == ["write 0", "write 2", "read 0"]


def test_two_cas_do_not_explain_each_other() -> None:
    history = (op(0, "write", "4", 0, 1), op(1, "cas", ("4", "0"), 2, 9), op(2, "cas", ("0", "4"), 3, 8),
               op(3, "write", "7", 10, 11), op(4, "read", "0", 12, 13))  # fmt: skip
    assert told(*history) == ["write 4", "cas 4 -> 0", "write 7", "read 0"]


def test_a_read_of_what_nobody_wrote_is_a_part_of_its_own() -> None:
    assert told(op(0, "write", "1", 0, 1), op(1, "read", "3", 2, 3)) == ["read 3"]


@pytest.mark.parametrize("seed", range(200))
def test_every_part_shows_where_its_values_came_from_if_the_history_did(seed: int) -> None:
    history = random_history(seed, "cas-register", 12, honest=False)
    if check(history, "cas-register").linearizable:
        return
    written = {one.value for one in history if one.f == "write"}
    part = counterexample(history, "cas-register").operations
    for one in part:
        if one.f == "read" and one.value in written:
            early = [other for other in history if other.f == "write" and other.value == one.value
                     and one.returned is not None and other.invoked < one.returned]  # fmt: skip
            sets = {two.value[1] if isinstance(two.value, tuple) else two.value for two in part if two.f != "read"}
            assert one.value in sets or not early
