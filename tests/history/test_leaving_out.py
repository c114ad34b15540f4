"""What leaves a history together, by object."""

from __future__ import annotations

from companion.history import MODELS, Operation
from companion.history.leaving_out import MOST_SUMS, WIDEST, sums, without
from tests.history.test_search import op


def left(model: str, gone: int, *part: Operation) -> list[str]:
    return [one.told for one in without(part, [part[gone]], MODELS[model])]


def test_a_read_leaves_with_the_only_write_that_it_saw() -> None:
    part = op(0, "write", "1", 0, 1), op(1, "read", "1", 2, 3), op(2, "read", None, 4, 5)
    assert left("register", 0, *part) == ["read nothing"]
    assert left("register", 0, *part, op(3, "write", "1", 0, 9)) == ["read 1", "read nothing", "write 1"]


def test_a_text_leaves_the_reads_that_show_it() -> None:
    part = op(0, "append", "ab", 0, 1), op(1, "append", "c", 2, 3), op(2, "read", "abc", 4, 5), op(2, "read", "c", 6, 7)
    assert left("kv", 0, *part) == ["append c", "read c"]


def test_an_element_that_is_removed_leaves_with_all_that_was_done_to_it() -> None:
    part = op(0, "add", "1", 0, 1), op(0, "remove", "1", 2, 3), op(1, "read", frozenset("12"), 4, 5)
    assert left("set", 1, *part) == ["read {2}"]


def test_a_mutex_leaves_by_pairs_of_one_process() -> None:
    part = [op(0, "acquire", None, 0, 1), op(0, "release", None, 2, 3), op(1, "acquire", None, 4, 5)]
    assert left("mutex", 0, *part) == ["acquire"]
    assert left("mutex", 2, *part) == ["acquire", "release"]


def test_a_queue_loses_the_element() -> None:
    part = op(0, "enqueue", "1", 0, 1), op(0, "enqueue", "2", 2, 3), op(1, "dequeue", "1", 4, 5)
    assert left("queue", 0, *part) == ["enqueue 2"]


def test_the_sums_of_a_counter_are_those_of_some_of_its_adds() -> None:
    adds = [op(0, "add", 3, 0, 1), op(0, "add", -5, 2, 3)]
    found = sums(adds, MODELS["counter"])
    assert [value for value in range(-9, 9) if value in found] == [-5, -2, 0, 3]
    assert found.exact


def test_sums_that_lie_far_apart_are_listed_and_too_many_are_not_exact() -> None:
    far = [op(0, "add", WIDEST * 10**n, 0, 1) for n in range(3)]
    found = sums(far, MODELS["counter"])
    assert found.exact
    assert WIDEST * 110 in found
    assert WIDEST * 2 not in found
    many = [op(0, "add", WIDEST * 2**n, 0, 1) for n in range(MOST_SUMS.bit_length() + 1)]
    assert not sums(many, MODELS["counter"]).exact
