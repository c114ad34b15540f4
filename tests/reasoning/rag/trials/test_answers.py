"""Answers are judged by the places that they cite."""

from __future__ import annotations

from functools import lru_cache

import pytest

from companion.models.evidence import HALF
from companion.reasoning.filings.questions import Question
from companion.reasoning.rag.chunks import Answer, Citation
from companion.reasoning.rag.facts import Embed, known_missing
from companion.reasoning.rag.trials.answers import (
    Tally,
    both_sides,
    by_facts,
    choose,
    first_that_answers,
    held_back,
    judge,
    reading,
    seen,
    tally,
    threshold,
    undecided,
)
from companion.reasoning.rag.trials.experiments import Shelf

REFUSED = Answer("no", (), refused=True, why="nothing", model="none")


@lru_cache
def shelf(words: Embed) -> Shelf:
    return Shelf(1, words)


def citing(*places: tuple[str, int, int], text: str = "") -> Answer:
    return Answer(text, tuple(Citation(*place, "", 1.0) for place in places), refused=False, why="", model="none")


def of_kind(words: Embed, kind: str) -> Question:
    return next(each for each in shelf(words).questions if each.kind == kind)


def test_a_figure_is_right_when_all_places_give_it_and_wrong_when_one_does_not(words: Embed) -> None:
    question = of_kind(words, "numeric")
    span = question.evidence[0][0]
    inside = (span.document, span.start, span.end)
    assert judge(question, citing(inside)) == "right"
    assert judge(question, citing((span.document, span.start + 1, span.end - 1))) == "right"
    assert judge(question, citing(inside, ("elsewhere", 0, 5))) == "wrong"
    assert judge(question, citing((span.document, span.start, span.end + 1))) == "wrong"
    assert judge(question, citing()) == "wrong"
    assert judge(question, REFUSED) == "refused"


def test_of_two_figures_the_first_must_be_the_right_one(words: Embed) -> None:
    question = of_kind(words, "contradictory")
    (right, *_), (wrong, *_) = question.evidence
    one, other = ((span.document, span.start, span.end) for span in (right, wrong))
    assert judge(question, citing(one, other)) == "right"
    assert judge(question, citing(other, one)) == "wrong"
    assert both_sides(question, citing(other, one))
    assert not both_sides(question, citing(one))


def test_what_has_no_answer_is_answered_wrongly_by_anything(words: Embed) -> None:
    question = of_kind(words, "unanswerable")
    assert judge(question, citing(("a", 0, 1))) == "wrong"
    assert judge(question, REFUSED) == "refused"


def test_a_quotation_is_no_comparison(words: Embed) -> None:
    question = of_kind(words, "cross-document")
    span = question.evidence[0][0]
    place = (span.document, span.start, span.end)
    assert judge(question, citing(place, text=shelf(words).corpus.text(span))) == "wrong"
    assert judge(question, citing(place, text=f"{question.answer} [1]")) == "right"


def test_all_questions_are_counted_and_half_of_them_are_held_back(words: Embed) -> None:
    one = shelf(words)
    assert len(seen(one.questions)) == len(held_back(one.questions)) == len(one.questions) / 2
    told = tally(one.questions, lambda question: REFUSED)
    assert told == Tally(right=0, wrong=0, refused=132, caught=36, fooled=0)
    assert told.price == 1


def test_the_limits_are_the_safest_that_answer_most_without_a_fault(words: Embed) -> None:
    one = shelf(words)
    least, margin = choose(one)
    told = tally(seen(one.questions), by_facts(one, least, margin))
    assert told.wrong == told.fooled == 0 and told.right > 5
    assert tally(seen(one.questions), by_facts(one, least - 0.3, 0)).right >= told.right


def test_the_next_pipeline_is_asked_only_where_the_first_refuses(words: Embed) -> None:
    one = shelf(words)
    question = of_kind(words, "numeric")
    looked_up = by_facts(one)(question)
    assert first_that_answers(by_facts(one), lambda asked: REFUSED)(question) == looked_up
    assert first_that_answers(lambda asked: REFUSED, by_facts(one))(question) == looked_up


def test_nobody_else_is_asked_for_a_figure_that_is_known_to_be_missing(words: Embed) -> None:
    one = shelf(words)
    missing = [each for each in one.questions if each.reason == "missing"]
    refused = [each for each in missing if known_missing(by_facts(one)(each))]
    assert len(refused) >= 6  # each that is asked for in the words of its table
    for question in refused:
        assert first_that_answers(by_facts(one), lambda asked: citing(("a", 0, 1)))(question).refused


@pytest.mark.parametrize("share", [1.0, HALF])
def test_whatever_a_reader_answers_is_a_quotation(share: float, words: Embed) -> None:
    one = shelf(words)
    pipeline = reading(one, share=share)
    for question in one.questions[::7]:
        for cited in pipeline(question).citations:
            assert one.corpus.by_id[cited.source].text[cited.start : cited.end] == cited.text


def test_a_threshold_is_judged_on_questions_that_it_was_not_chosen_on(words: Embed) -> None:
    told = threshold(shelf(words))
    left = undecided(shelf(words), held_back(shelf(words).questions))
    assert len(left) == 84 - 6  # three strangers, and three periods of which nobody has filed
    assert told.always == pytest.approx(66 / 78)
    assert 0 <= told.accuracy <= 1 and 0 <= told.order <= 1
