"""The figures say what was played."""

from companion.calls.coordination.leases.booking import DESIGNS, outcomes, schedules
from companion.calls.coordination.leases.figures import figure_outcomes, figure_paused, figure_schedules


def test_a_double_booking_names_both_and_a_fence_one() -> None:
    assert figure_paused("no check").title.endswith("sold to Ada and Bob")
    fenced = figure_paused("token on reads and writes")
    assert "refuses the older 1" in fenced.title and fenced.title.endswith("sold to Bob")
    assert "book, token 1" in fenced.alt


def test_the_tables_count_the_safe_designs() -> None:
    assert figure_outcomes(outcomes()).title == "Of 6 designs 2 sell the seat once wherever a pause falls"
    found = {design: schedules(design, pauses=1) for design in DESIGNS}
    assert "token on reads and writes or unique seat" in figure_schedules(found).title
