"""The filings as documents and chunks, and recall, held against what can be counted by hand."""

from __future__ import annotations

from functools import lru_cache, partial

import pytest

from companion.models.words import hashed_words
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.rag.facts import Embed
from companion.reasoning.rag.splitting import split
from companion.reasoning.rag.trials.experiments import (
    BARE,
    WAYS,
    Shelf,
    Way,
    chance_of_order,
    difference,
    filed,
    rows_without_heads,
    share_with_names,
    texts,
)


@lru_cache
def shelf(words: Embed) -> Shelf:
    return Shelf(1, words)


def test_a_document_knows_from_its_cover_whose_it_is() -> None:
    corpus = make_corpus(2)
    for document, each in zip(filed(corpus), corpus.documents, strict=True):
        assert document.metadata == {"firm": each.firm, "period": each.period.name, "form": each.form}
        assert each.firm in document.label and each.period.name in document.label
        assert document.sections[-1].end == len(document.text)


def test_a_chunk_counts_when_it_holds_all_of_a_span(words: Embed) -> None:
    one = shelf(words)
    for question in one.answerable[:20]:
        for places, spans in zip(one.holding(question), question.evidence, strict=True):
            for place in places:
                assert any(one.corpus.text(span) in one.chunks[place].text for span in spans)
    whole = [bool(places) for question in one.answerable for places in one.holding(question)]
    assert sum(whole) / len(whole) > 0.97  # seldom is a sentence so long that it had to be cut


def test_with_all_chunks_read_all_is_found_and_with_none_nothing(words: Embed) -> None:
    one = shelf(words)
    assert one.recall(Way(filter=False), k=0).mean == 0
    reachable = [all(one.holding(question)) for question in one.answerable]
    everything = [
        {place for places in one.holding(question) for place in places} <= set(range(len(one.chunks)))
        for question in one.answerable
    ]
    assert all(everything)
    deep = [one.search(question.text, WAYS["both"], len(one.chunks)) for question in one.answerable[:10]]
    found = [
        all(not places.isdisjoint(ranking) for places in one.holding(question))
        for question, ranking in zip(one.answerable[:10], deep, strict=True)
    ]
    assert found == reachable[:10]


def test_a_filter_leaves_only_the_firms_and_periods_that_are_named(words: Embed) -> None:
    one = shelf(words)
    question = next(each for each in one.answerable if each.kind == "numeric")
    for place in one.search(question.text, Way(by="fused")):
        about = one.chunks[place].metadata
        assert about["firm"] in question.firms
        assert about["period"] in {period.name for period in question.periods}
    assert one.allowed(one.named("What is a quarter?")) is None
    assert len(one.search("What is a quarter?", WAYS["both"], 7)) == 7


def test_more_characters_read_give_no_less(words: Embed) -> None:
    one = shelf(words)
    means = [one.recall_of(WAYS["both"], characters).mean for characters in (0, 500, 1500, 4000)]
    assert means[0] == 0 and means == sorted(means)


@pytest.mark.parametrize("way", [BARE, Way(by="words"), Way(by="words", once=True), Way(by="fused", once=True)])
def test_every_way_ranks_and_repeats(way: Way, words: Embed) -> None:
    one = shelf(words)
    for question in one.questions[::29]:
        found = one.search(question.text, way)
        assert [*found.values()] == sorted(found.values(), reverse=True)
        assert found == one.search(question.text, way)


def test_a_way_does_not_differ_from_itself(words: Embed) -> None:
    score = shelf(words).recall(WAYS["both"])
    told = difference(score, score, seed=1)
    assert (told.mean, told.low, told.high) == (0, 0, 0)
    assert score.low <= score.mean <= score.high
    assert len(score.each) == len(shelf(words).answerable)


def test_rows_lose_their_heads_where_chunks_are_small(words: Embed) -> None:
    documents = shelf(words).documents
    shares = [rows_without_heads(documents, partial(split, size=size)) for size in (128, 512, 5000)]
    assert shares[0] > shares[1] > shares[2] == 0


def test_few_chunks_name_their_firm(words: Embed) -> None:
    firms, periods = share_with_names(shelf(words))
    assert 0 < firms < 0.2 < periods < 0.6


@pytest.mark.parametrize(
    ("scores", "good", "chance"),
    [([1, 2, 3], [False, False, True], 1), ([3, 2, 1], [False, False, True], 0), ([1, 1], [True, False], 0.5),
     ([1, 2], [True, True], 0.5), ([2, 1, 2, 3], [True, False, False, True], 0.875)],
)  # fmt: skip
def test_the_chance_of_the_right_order_is_counted(scores: list[float], good: list[bool], chance: float) -> None:
    assert chance_of_order(scores, good) == chance


def test_all_that_a_search_embeds_is_listed(words: Embed) -> None:
    listed = set(texts(seeds=[1], sizes=[1024]))
    asked: set[str] = set()

    def noted(given: list[str]) -> object:
        asked.update(given)
        return hashed_words([*given])

    one = Shelf(1, noted)  # type: ignore[arg-type]
    one.search(one.questions[0].text, WAYS["bare"])
    one.search(one.questions[0].text, WAYS["both"])
    assert asked <= listed
