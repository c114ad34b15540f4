"""The axis of time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.drawing.axis import APART, axis, clock, pills
from companion.operations.postmortems.drawing.scene import width_of
from tests.operations.postmortems.draws import few

moments = st.lists(st.integers(-500, 20_000), min_size=1, max_size=60)


@few
@given(moments)
def test_later_stands_further_right_and_all_stands_between_the_ends(minutes: list[int]) -> None:
    along = axis(minutes, 100, 700)
    places = [along.place(minute) for minute in sorted(set(minutes))]
    assert places == sorted(places)
    assert all(100 - 1e-6 <= place <= 700 + 1e-6 for place in places)
    if len(places) > 1:
        assert [places[0], places[-1]] == pytest.approx([100, 700])


@few
@given(moments)
def test_no_two_words_below_the_axis_overlap(minutes: list[int]) -> None:
    labels = axis(minutes, 100, 700).labels(11)
    ends = [(x - width_of(text, 11) / 2, x + width_of(text, 11) / 2) for x, text, _ in labels]
    assert all(right <= left for (_, right), (left, _) in pairwise(ends))


@few
@given(st.lists(st.floats(0, 600), min_size=1, max_size=120))
def test_no_two_marks_overlap_and_each_number_is_in_one(places: list[float]) -> None:
    drawn = pills(list(enumerate(sorted(places), 1)), 11)
    for (x, width, _), (next_x, next_width, _) in pairwise(drawn):
        assert next_x - next_width / 2 >= x + width / 2 + APART - 1e-6
    numbers = [int(number) for _, _, words in drawn for number in words.split("–")]
    assert numbers[0] == 1 and numbers[-1] == len(places) and numbers == sorted(numbers)


def test_hours_of_nothing_are_cut_and_a_short_incident_is_not() -> None:
    assert axis([130, 1200, 1210, 1230], 0, 600).cuts == ((130, 1200),)
    assert axis([872, 878, 881, 903, 922], 0, 600).cuts == ()
    assert axis([0, 600], 0, 600).cuts == ()


def test_the_next_day_is_told() -> None:
    assert [clock(872), clock(1440 + 15), clock(-60)] == ["14:32", "+1 d 00:15", "-1 d 23:00"]
