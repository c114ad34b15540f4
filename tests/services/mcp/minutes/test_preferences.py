"""What a sentence says about when is read by rules, and what they do not cover is said."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.mcp.minutes.preferences import Terms, read_terms


@pytest.mark.parametrize(
    ("sentence", "terms"),
    [
        ("the weather in Oslo", Terms()),
        ("no mail before ten", Terms(begins=time(10))),
        ("No mail until 10:30, please", Terms(begins=time(10, 30))),
        ("mail not before 8 am", Terms(begins=time(8))),
        ("don't show mail before noon", Terms(begins=time(12))),
        ("mail after ten", Terms(begins=time(10))),
        ("no news after 8 pm", Terms(ends=time(20))),
        ("the weather before nine o'clock", Terms(ends=time(9))),
        ("nothing after 12 am", Terms(ends=time(0))),
        ("no stories", Terms(never=True)),
        ("never mail", Terms(never=True)),
        ("the weather before anything else", Terms(place=-1)),
        ("the weather first", Terms(place=-1)),
        ("stories after everything else.", Terms(place=1)),
        ("stories last", Terms(place=1)),
        ("the first 5 stories", Terms()),
        ("mail of the last 3 hours", Terms()),
        ("no more than 5 stories", Terms()),
        ("no mail before ten, and first", Terms(begins=time(10), place=-1)),
    ],
)
def test_a_sentence_is_read(sentence: str, terms: Terms) -> None:
    assert read_terms(sentence) == terms


def test_a_time_that_is_not_understood_forbids_for_the_whole_day_and_says_so() -> None:
    terms = read_terms("no mail before breakfast")
    assert terms == Terms(never=True, puzzle="before breakfast")
    assert terms.refuses(time(23)) == "not wanted: 'before breakfast' is not understood"


@pytest.mark.parametrize(
    "sentence", ["stories after the weather", "stories before 25", "mail after 10:75", "x before 13 pm"]
)
def test_without_a_prohibition_it_forbids_nothing_and_is_kept_to_be_told(sentence: str) -> None:
    terms = read_terms(sentence)
    assert terms.puzzle and not terms.restricts and not terms.refuses(time(0))


@pytest.mark.parametrize(
    ("terms", "shown", "refused"),
    [
        (Terms(begins=time(10)), [time(10), time(23, 59)], [time(0), time(9, 59)]),
        (Terms(ends=time(20)), [time(0), time(19, 59)], [time(20), time(23, 59)]),
        (Terms(), [time(0), time(23)], []),
        (Terms(never=True), [], [time(0), time(12)]),
    ],
)
def test_it_is_kept_to_the_minute(terms: Terms, shown: list[time], refused: list[time]) -> None:
    assert not any(terms.refuses(now) for now in shown)
    assert all(terms.refuses(now) for now in refused)
    assert terms.restricts == bool(refused)


@given(st.sampled_from(["no", "never", "not"]), st.text(max_size=40), st.times())
def test_whatever_follows_a_prohibition_it_never_becomes_a_wish(word: str, rest: str, now: time) -> None:
    assert read_terms(f"{word} mail {rest}").restricts
