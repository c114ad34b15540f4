"""Ten slips: each changes the map, and each has one outcome of three."""

from __future__ import annotations

import pytest

from companion.calls.contracts.bms.slips import OTHER, REFUSED, SAME, SLIPS, judged, map_with, seen


@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_changes_the_map_and_something_that_can_be_seen(slip: str) -> None:
    assert map_with(slip) != map_with()
    assert seen(map_with(slip)) != seen(map_with())


def test_the_right_map_is_read_and_gives_what_was_typed_up_to_its_length() -> None:
    error, _, got = seen(map_with())
    assert (error, got) == ("", "12345678")


def test_five_are_refused_and_the_forgotten_stopper_does_not_show_in_the_data() -> None:
    cells = judged()
    refused = {slip for (slip, _), kind in cells.items() if kind == REFUSED}
    assert refused == set(list(SLIPS)[:5])
    assert cells["the stopper forgotten", "where one types"] == OTHER
    assert cells["the stopper forgotten", "the program's data"] == SAME
