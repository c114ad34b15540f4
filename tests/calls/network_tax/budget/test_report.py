"""What the report says of chains that the page does not have."""

from __future__ import annotations

from companion.calls.network_tax.budget.chain import simulate
from companion.calls.network_tax.budget.hops import Hop
from companion.calls.network_tax.budget.report import as_json, lines


def test_a_deadline_that_is_just_met_is_met() -> None:
    found = simulate([Hop("a", 1, 1)], samples=1000)
    document = as_json("f", found, found.p99_ms, 7, 1000)
    assert document["fits"] is True
    assert document["steps"][0]["left_ms"] == 0
    assert "deadline 1 ms: 0 ms to spare at p99" in list(lines(found, found.p99_ms))
