"""When two values are the same."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from companion.simulators.interaction.systems.values import same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (1, True), (0.0, -0.0), ("", None), (Decimal("1"), 1), ([1], [1.0]), ({"a": 1}, {"a": 1.0}),
        (datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
        (datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-5)))),
    ],
)  # fmt: skip
def test_what_looks_alike_is_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one) and same(other, other)


def test_nan_is_the_same_as_nan() -> None:
    assert same([math.nan], [float("nan")])
