"""Many runs: where escrow pays."""

from __future__ import annotations

from companion.simulators.hybrid.scans import where_escrow_pays


def test_escrow_spares_waiting_where_money_is_plenty_and_refuses_more_where_it_is_short() -> None:
    found = where_escrow_pays([0.3, 0.7], [3, 9], scheduler="here")
    assert found["escrow", 3, 70.0].alone > 99 and found["escrow", 9, 70.0].wait < 2
    assert found["red", 9, 70.0].wait > 140
    for sites in (3, 9):
        assert found["escrow", sites, 30.0].vain > 1.2 * found["red", sites, 30.0].vain > 5
