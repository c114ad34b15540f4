"""Names read off covers and questions."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.questions import make_questions
from companion.reasoning.filings.truth import MONTHS, Period, in_words
from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.names import aliases, periods_in, read_cover, read_question

CALLED = {"Norvanel Systems, Inc.": "Norvanel", "Norvanel": "Norvanel", "NORVAN": "Norvanel", "Ostrikka": "Ostrikka"}
periods = st.builds(Period, st.integers(2000, 2099), st.integers(1, 4))


@settings(max_examples=40)
@given(periods)
def test_a_quarter_is_read_in_each_form_in_which_people_write_it(period: Period) -> None:
    first, last = MONTHS[3 * period.quarter - 3], MONTHS[3 * period.quarter - 1]
    forms = [
        period.name,
        f"the {period.words}",
        f"between {first} and {last} {period.year}",
        f"the three months to {last} {period.year}",
        f"three months ended {in_words(period.last_day)}",
    ]
    if period.quarter < 4:  # else it is the end of a year
        forms += [f"on {in_words(period.last_day)}", f"when {last} {period.year} was over"]
    for form in forms:
        assert periods_in(f"What was revenue in {form}?") == (period,), form


@settings(max_examples=10)
@given(st.integers(2000, 2099))
def test_a_year_is_read_and_of_which_quarter_all_four_are_meant(year: int) -> None:
    forms = (f"FY{year}", f"fiscal year {year}", f"over the whole of {year}", f"on December 31, {year}", f"in {year}")
    for form in forms:
        assert periods_in(form) == (Period(year),)
    quarters = tuple(Period(year, quarter) for quarter in (1, 2, 3, 4))
    assert periods_in(f"In which quarter of {year} was it highest?") == quarters
    assert periods_in(f"in the first three quarters of {year}") == quarters[:3]
    assert periods_in(f"over Q1, Q2 and Q3 {year}") == quarters[:3]
    assert periods_in(f"in {year} up to the end of September") == quarters[:3]


def test_what_is_no_quarter_is_no_period() -> None:
    assert periods_in("between February and June 2025") == ()
    assert periods_in("It has 2,025 pumps and Q5 is none.") == ()


def test_a_question_is_parted_into_names_and_what_is_left() -> None:
    named = read_question("What did NORVAN's rival Ostrikka earn (Q2 2025)?", CALLED)
    assert (named.firms, named.periods) == (("Norvanel", "Ostrikka"), (Period(2025, 2),))
    assert named.left == "What did rival earn?"
    assert named.plain == "What did Norvanel's rival Ostrikka earn (Q2 2025)?"


def test_a_name_within_a_word_is_none_and_a_stranger_stays_in_the_question() -> None:
    assert read_question("Norvanelian pumps?", CALLED).firms == ()
    stranger = read_question("State net income of Quellimar in Q1 2025.", CALLED)
    assert stranger.firms == () and "Quellimar" in stranger.left
    assert read_question("Norvanel: cash?", {}).firms == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_covers_and_questions_of_the_corpus_are_read_as_the_truth_has_them(seed: int) -> None:
    corpus = make_corpus(seed)
    covers = [read_cover(document.text) for document in corpus.documents]
    for document, cover in zip(corpus.documents, covers, strict=True):
        assert (cover.firm, cover.ticker, cover.form, cover.period, cover.filed) == (
            document.firm, document.ticker, document.form, document.period, document.filed,
        )  # fmt: skip
    called = aliases(covers)
    filed = set(called.values())
    for question in make_questions(corpus):
        named = read_question(question.text, called)
        assert set(named.firms) == filed.intersection(question.firms)
        assert set(named.periods) >= set(question.periods)
        assert set(named.periods) - set(question.periods) <= {Period(2025, 4)}  # of "which quarter of 2025"


def test_a_text_without_a_cover_is_refused_in_one_line() -> None:
    for text in ("", "Notes of a meeting\n", "FORM 10-Q\nno firm\n\nBody (ticker ABC)"):
        with pytest.raises(RagError, match="no cover"):
            read_cover(text)


def test_every_way_to_call_a_firm_means_its_short_name() -> None:
    covers = [read_cover(document.text) for document in make_corpus(1).documents]
    called = aliases(covers)
    assert len(called) == 6 * 3
    for cover, name in product(covers[:1], (0, 1, 2)):
        assert called[(cover.firm, cover.full_name, cover.ticker)[name]] == cover.firm
