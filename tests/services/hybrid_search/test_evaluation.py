"""Recall, nDCG and intervals, against sums by hand; and the questions that the book judges by."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.corpus import LIBRARIES, pages
from companion.services.database import Pool, as_tenant
from companion.services.documents import to_embed
from companion.services.hybrid_search.evaluation import (
    KINDS,
    Question,
    compare,
    evaluate,
    load_questions,
    ndcg,
    questions_needed,
    recall,
    unjudged,
)
from companion.services.hybrid_search.rankings import BM25, Ranking, fuse_ranks, fuse_scores, nearest
from companion.services.hybrid_search.text_queries import TEXT_QUERIES, text_ranking
from companion.services.hybrid_search.vectors import data_folder, recorded_vectors

ASKED = Question("lib", "mixed", "how?", {"a": 2, "b": 1, "c": 0, "d": 2})


def test_recall_counts_the_pages_that_answer() -> None:
    assert recall(["c", "a", "b", "d"], ASKED, 3) == 0.5
    assert recall({"d": 2.0, "a": 1.0}, ASKED, 5) == 1
    assert recall([], ASKED, 5) == 0


def test_ndcg_by_hand() -> None:
    best = 2 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["b", "x", "a"], ASKED.grades) == pytest.approx((1 + 2 / 2) / best)
    assert ndcg(["a", "d", "b"], ASKED.grades) == 1
    assert ndcg(["x"] * 10 + ["a"], ASKED.grades) == 0


@given(st.permutations("abcdefgh"))
def test_ndcg_is_highest_in_the_order_of_the_grades(order: list[str]) -> None:
    grades = {name: max(0, 3 - place) for place, name in enumerate("abcdefgh")}
    assert 0 <= ndcg(order, grades) <= ndcg("abcdefgh", grades) == 1


def test_a_score_has_the_means_over_questions_and_by_kind() -> None:
    named = Question("lib", "identifier", "a", {"a": 2})
    score = evaluate([{"a": 1.0}, {}, {"z": 1.0, "a": 0.5}], [named, named, ASKED])
    assert score.each == pytest.approx((1, 0, (2 / math.log2(3)) / (2 + 2 / math.log2(3) + 1 / 2)))
    assert score.ndcg == pytest.approx(sum(score.each) / 3)
    assert score.by_kind == pytest.approx({"identifier": 0.5, "mixed": score.each[2]})
    assert (score.recall_5, score.recall_10, score.empty) == (0.5, 0.5, 1)
    assert unjudged([{"a": 1.0}, {}, {"z": 1.0, "a": 0.5}], [named, named, ASKED]) == [("how?", "z")]


# Differences


def test_a_constant_difference_has_no_width() -> None:
    told = compare([0.5, 0.75, 1.0], [0.25, 0.5, 0.75], seed=1)
    assert (told.mean, told.low, told.high, told.p) == (0.25, 0.25, 0.25, 0)


def test_of_experiments_without_a_difference_about_one_in_twenty_finds_one() -> None:
    rng = np.random.default_rng(5)
    found = [compare(rng.normal(size=80), rng.normal(size=80), seed=number, samples=500) for number in range(300)]
    wrong = sum(not one.low <= 0 <= one.high for one in found)
    assert 5 <= wrong <= 35  # 15 expected, four deviations of 3.8 either way


def test_the_interval_is_as_wide_as_the_theory_of_means_says() -> None:
    differences = np.random.default_rng(6).normal(0.1, 0.3, size=400)
    told = compare(differences, np.zeros(400), seed=2)
    assert told.high - told.low == pytest.approx(2 * 1.96 * differences.std() / 20, rel=0.05)


def test_the_questions_that_are_needed() -> None:
    assert questions_needed(0.18, 0.03) == math.ceil((1.959964 * 6) ** 2) == 139
    assert questions_needed(0.18, 0.03, power=0.8) == math.ceil(((1.959964 + 0.841621) * 6) ** 2) == 283


def test_with_as_many_as_needed_the_difference_is_seen_as_often_as_was_asked() -> None:
    rng, count = np.random.default_rng(7), questions_needed(0.18, 0.03, power=0.8)
    seen = 0
    for number in range(200):
        differences = rng.normal(0.03, 0.18, size=count)
        seen += compare(differences, np.zeros(count), seed=number, samples=500).low > 0
    assert 0.7 <= seen / 200 <= 0.9


# The questions of the book


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"])
def test_a_question_ends_at_the_end_of_its_line_and_at_nothing_else(mark: str, tmp_path: Path) -> None:
    row = '{"library": "lib", "kind": "mixed", "question": "QUESTION", "2": ["a"], "1": [], "0": []}\n'
    file = tmp_path / "questions.jsonl"
    file.write_text(row.replace("QUESTION", f"how?{mark}why?") + row.replace("QUESTION", "when?"), "utf-8")
    assert [one.text for one in load_questions(file)] == [f"how?{mark}why?", "when?"]


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    return load_questions(Path(__file__).parents[3] / "data" / "hybrid_search" / "questions.jsonl")


def test_there_are_forty_questions_of_each_library_in_three_kinds(asked: list[Question]) -> None:
    assert Counter((one.library, one.kind) for one in asked) == {
        (library, kind): count for library in LIBRARIES for kind, count in zip(KINDS, (8, 14, 18), strict=True)
    }
    assert len({one.text for one in asked}) == len(asked) == 160


def test_every_page_that_was_judged_is_a_page_and_every_question_has_an_answer(asked: list[Question]) -> None:
    titles = {page.title for library in LIBRARIES for page in pages(library)}
    assert [title for one in asked for title in one.grades if title not in titles] == []
    assert all(one.answers for one in asked)


def test_a_question_that_asks_by_name_has_the_name_in_it(asked: list[Question]) -> None:
    for one in asked:
        if one.kind == "identifier":
            last = one.text.rpartition(".")[2].lower()
            assert any(title.lower().endswith(last) for title in one.answers), one.text


def test_every_page_among_the_first_ten_of_any_ranking_of_the_chapter_is_judged(
    search_pool: Pool, libraries: dict[str, UUID], asked: list[Question]
) -> None:
    found: dict[str, list[Ranking]] = {name: [] for name in TEXT_QUERIES}
    with search_pool.connection() as connection:
        for question in asked:
            with as_tenant(connection, libraries[question.library]):
                for name, way in TEXT_QUERIES.items():
                    found[name].append(text_ranking(connection, way, question.text))
    embed = recorded_vectors(data_folder() / "vectors.npz")
    vectors = {one.text: vector for one, vector in zip(asked, embed([one.text for one in asked]), strict=True)}
    for library in LIBRARIES:
        names = [page.title for page in pages(library)]
        index = BM25({page.title: f"{page.title} {page.body}" for page in pages(library)})
        ways = {"vectors": [to_embed(page.title, page.body) for page in pages(library)],
                "longer": [f"{page.title}\n{page.body[:1000]}" for page in pages(library)]}  # fmt: skip
        for name, texts in ways.items():
            matrix = embed(texts)
            found.setdefault(name, []).extend(
                nearest(names, matrix, vectors[one.text]) for one in asked if one.library == library
            )
        found.setdefault("BM25", []).extend(index.search(one.text) for one in asked if one.library == library)
    half = (0.5, 0.5)
    both = {name: list(zip(found[name], found["vectors"], strict=True)) for name in [*TEXT_QUERIES, "BM25"]}
    for name in ("as the article", "any word", "BM25"):
        found[f"ranks, {name}"] = [fuse_ranks(pair, half) for pair in both[name]]
    found["ranks, k = 10"] = [fuse_ranks(pair, half, 10) for pair in both["BM25"]]
    found["scores, BM25"] = [fuse_scores(pair, half) for pair in both["BM25"]]
    for tenths in range(11):
        weights = (tenths / 10, 1 - tenths / 10)
        found[f"scores, {tenths}"] = [fuse_scores(pair, weights) for pair in both["any word, ts_rank"]]
    assert [one.library for one in asked] == [name for name in LIBRARIES for _ in range(40)]  # as `found` has them
    assert {name: unjudged(rankings, asked) for name, rankings in found.items() if unjudged(rankings, asked)} == {}
