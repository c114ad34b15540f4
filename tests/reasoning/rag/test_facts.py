"""Facts read from tables and sentences, held against the truth of the corpus; and what look-ups refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.models.words import hashed_words
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.truth import Period
from companion.reasoning.rag.chunks import Document, Section
from companion.reasoning.rag.facts import (
    MILLIONS,
    PER_SHARE,
    PERCENT,
    Fact,
    called,
    holds,
    look_up,
    nearest_metric,
    read_facts,
)
from companion.reasoning.rag.names import Named, aliases, read_cover, read_question

SEEDS = (1, 2, 3)
CACHE: dict[int, list[Fact]] = {}


def by_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Stand in for a model: texts that share words are near."""
    rows = hashed_words([*texts])
    units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def facts_of(seed: int) -> list[Fact]:
    if seed not in CACHE:
        CACHE[seed] = [
            fact
            for each in make_corpus(seed).documents
            for fact in read_facts(
                Document(each.id, each.text, sections=tuple(Section(s.name, s.start, s.end) for s in each.sections))
            )
        ]
    return CACHE[seed]


def asked(question: str, seed: int = 1) -> Named:
    return read_question(question, aliases(read_cover(each.text) for each in make_corpus(seed).documents))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fact_that_is_read_is_true_of_its_place(seed: int) -> None:
    corpus = make_corpus(seed)
    keys = {(firm.name, label): key for firm in corpus.firms for key, label in firm.labels.items()}
    truth = {
        (place.context, fact.firm, fact.metric, fact.period, fact.value, fact.unit)
        for fact in corpus.facts for place in fact.places
    }  # fmt: skip
    places = {(context.document, context.start, *rest) for context, *rest in truth}
    read = {
        (fact.source, fact.start, fact.firm, keys[fact.firm, fact.metric], fact.period, fact.value, fact.unit)
        for fact in facts_of(seed) if fact.value is not None
    }  # fmt: skip
    assert read <= places
    assert len(read) > 0.98 * len(places)
    tables = {place.context for fact in corpus.facts for place in fact.places if place.table}
    cells = {(context.document, context.start, *rest) for context, *rest in truth if context in tables}
    assert cells <= read  # every cell of every table
    for fact in facts_of(seed):
        assert corpus.by_id[fact.source].text[fact.start : fact.end] == fact.text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_value_that_holds_is_the_right_one_and_the_other_is_told(seed: int) -> None:
    corpus = make_corpus(seed)
    labels = {firm.name: firm.labels for firm in corpus.firms}
    for told in corpus.conflicts:
        found = [fact for fact in facts_of(seed)
                 if (fact.firm, fact.metric, fact.period)
                 == (told.firm, labels[told.firm][told.metric], told.period)]  # fmt: skip
        assert {fact.value for fact in found} == {told.wrong, told.right}
        assert holds(found).value == told.right


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_that_is_missing_is_a_row_without_a_value_or_none(seed: int) -> None:
    corpus = make_corpus(seed)
    labels = {firm.name: firm.labels for firm in corpus.firms}
    for gap in corpus.missing:
        found = [fact for fact in facts_of(seed)
                 if (fact.firm, fact.metric, fact.period)
                 == (gap.firm, labels[gap.firm][gap.metric], gap.period)]  # fmt: skip
        assert found and all(fact.value is None for fact in found)


def test_an_answer_in_the_words_of_the_table_comes_with_its_places() -> None:
    corpus = make_corpus(1)
    firm = corpus.firms[0]
    label = firm.labels["interest"]
    answer = look_up("?", asked(f"State {label} of {firm.name} in Q2 2025."), facts_of(1), by_words)
    assert not answer.refused
    assert {each.source for each in answer.citations} == {
        f"{firm.name.lower()}-q2-2025-10-q", f"{firm.name.lower()}-q3-2025-10-q",
    }  # fmt: skip
    for cited in answer.citations:
        assert corpus.by_id[cited.source].text[cited.start : cited.end] == cited.text


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("State net income in Q2 2025.", "0 firms"),
        ("State net income of {one} and {two} in Q2 2025.", "2 firms"),
        ("State net income of {one}.", "0 periods"),
        ("How many zebras graze at {one} in Q2 2025?", "no row is near enough"),
        ("State {label} of {one} in Q2 2024.", "no document gives"),
        ("Which percentage was {label} of {one} in Q2 2025?", "a percentage"),
        ("Why did {one} sell less in Q2 2025?", "no figure is asked for"),
    ],
)
def test_what_cannot_be_looked_up_is_refused_with_the_reason(question: str, why: str) -> None:
    one, two = make_corpus(1).firms[:2]
    text = question.format(one=one.name, two=two.name, label=one.labels["gross_profit"])
    answer = look_up(text, asked(text), facts_of(1), by_words)
    assert answer.refused and not answer.citations
    assert why in answer.why


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ("What was gross profit of Ann in Q2 2025?", True),
        ("What share of gross profit was left to Ann in Q2 2025?", False),
        ("What was gross margin of Ann in Q2 2025?", False),
    ],
)
def test_a_percentage_is_no_answer_to_a_question_for_an_amount(question: str, refused: bool) -> None:
    row = Fact(
        "Ann",
        Period(2025, 2),
        "Gross margin",
        43.7,
        PERCENT,
        "a",
        0,
        9,
        "Gross margin  43.7%",
        "10-Q",
        date(2025, 8, 1),
    )
    named = read_question(question, {"Ann": "Ann"})
    answer = look_up(question, named, [row], lambda texts: np.ones((len(texts), 1), np.float32))
    assert answer.refused is refused
    assert ("an amount is asked for" in answer.why) is refused


def test_sentences_with_the_figure_of_a_row_teach_what_else_it_is_called() -> None:
    corpus = make_corpus(1)
    firm = corpus.firms[0]
    names = called([fact for fact in facts_of(1) if fact.firm == firm.name])
    assert names.keys() == set(firm.labels.values())
    taught = {text.lower() for text in names[firm.labels["gross_profit"]]}
    assert any("gross earnings" in text or "the gross result" in text for text in taught)
    for about in names.values():
        assert not any("$" in text or text.startswith("Instead") for text in about)


def test_the_longest_row_that_stands_in_a_question_is_meant() -> None:
    names = ["Net income", "Net income per diluted share", "Total revenue"]
    rows = {name: [name] for name in names}
    assert nearest_metric("What was net income, per diluted share?", rows, by_words).metric == names[1]
    assert nearest_metric("What was net income?", rows, by_words).margin == 1


def test_two_rows_that_are_as_near_are_refused() -> None:
    rows = {"sales of pumps": ["sales of pumps"], "sales of taps": ["sales of taps"]}
    assert nearest_metric("sales", rows, lambda texts: np.ones((len(texts), 1), "f4")).margin == 0
    firm = make_corpus(1).firms[0].name
    text = f"How much money had {firm} in Q2 2025?"
    answer = look_up(text, asked(text), facts_of(1), lambda texts: np.ones((len(texts), 1), "f4"))
    assert answer.refused and "two rows" in answer.why


def test_a_later_report_holds_and_no_press_release_does() -> None:
    one = Fact("A", Period(2025, 1), "Sales", 1.0, MILLIONS, "a", 0, 1, "", "10-Q", date(2025, 5, 1))
    later = replace(one, value=2.0, filed=date(2025, 8, 1))
    release = replace(one, value=3.0, form="press release", filed=date(2025, 9, 1))
    withdrawn = replace(one, value=4.0, filed=date(2025, 10, 1), superseded=True)
    assert holds([one, release, later, withdrawn]).value == 2.0


def test_figures_are_written_as_sentences_have_them() -> None:
    fact = Fact("A", Period(2025, 1), "Sales", 1234.5, MILLIONS, "a", 0, 1, "", "10-Q", date(2025, 5, 1))
    assert fact.written == "$1,234.5 million"
    assert replace(fact, value=1.5, unit=PER_SHARE).written == "$1.50"
    assert replace(fact, value=12.0, unit="percent").written == "12.0%"
    assert replace(fact, value=4711.0, unit="employees").written == "4,711"
    assert replace(fact, value=None).written == "—"
