"""Many runs: where escrow pays."""

from __future__ import annotations

import pytest

from companion.simulators.hybrid.scans import where_escrow_pays


def test_escrow_asks_seldom_where_money_is_plenty_and_as_often_as_red_where_it_is_short() -> None:
    alone = where_escrow_pays([0.3, 0.7], [3, 9], scheduler="here")
    assert alone[70.0, 3] > 99 and alone[70.0, 9] > 97
    assert alone[30.0, 9] == pytest.approx(100 / 9, abs=5)  # as with red, where the first site's own need not ask
