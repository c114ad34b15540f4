"""How an operation is told."""

from __future__ import annotations

from typing import Any

import pytest

from companion.history.events import value_text
from tests.history.test_search import op


@pytest.mark.parametrize(
    ("f", "value", "told"),
    [
        ("read", None, "read nothing"),
        ("read", ("1", "2"), "read [1, 2]"),
        ("read", frozenset({"2", "1"}), "read {1, 2}"),
        ("write", '"a"', 'write "a"'),
        ("cas", (None, "1"), "cas nothing -> 1"),
        ("acquire", None, "acquire"),
        ("dequeue", None, "dequeue nothing"),
    ],
)
def test_an_operation_is_told_in_a_few_words(f: str, value: Any, told: str) -> None:
    assert op(0, f, value, 0, 1).told == told


def test_what_has_not_returned_is_pending() -> None:
    assert op(0, "write", "1", 0, None).pending
    assert not op(0, "write", "1", 0, 1).pending


def test_a_number_is_shown_as_it_is() -> None:
    assert value_text(5) == "5"
