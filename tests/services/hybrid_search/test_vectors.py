"""Recorded vectors: what the file holds is what the model gives, but for rounding."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.corpus import LIBRARIES, pages
from companion.models import embeddings
from companion.services.documents import to_embed
from companion.services.hybrid_search import vectors
from companion.services.hybrid_search.evaluation import load_questions
from companion.services.hybrid_search.vectors import recorded_vectors, save_vectors, text_key

DATA = Path(__file__).parents[3] / "data" / "hybrid_search"


def spread_out(texts: Sequence[str]) -> NDArray[np.float32]:
    """Stand in for the model: a direction by the text's key."""
    found = np.array([np.random.default_rng(text_key(text)).standard_normal(384) for text in texts])
    units: NDArray[np.float32] = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return units


def test_all_that_the_chapter_embeds_is_recorded() -> None:
    with np.load(DATA / "vectors.npz", allow_pickle=False) as stored:
        keys = set(stored["keys"].tolist())
    corpus = [page for library in LIBRARIES for page in pages(library)]
    texts = [question.text for question in load_questions(DATA / "questions.jsonl")]
    texts += [to_embed(page.title, page.body) for page in corpus]
    texts += [f"{page.title}\n{page.body[:1000]}" for page in corpus]
    assert {text_key(text) for text in texts} == keys


def test_a_sample_of_the_recorded_vectors_is_what_the_model_gives_today() -> None:
    corpus = [page for library in LIBRARIES for page in pages(library)]
    texts = [to_embed(page.title, page.body) for page in random.Random(1).sample(corpus, 12)]
    texts += [question.text for question in random.Random(2).sample(load_questions(DATA / "questions.jsonl"), 12)]
    given, held = embeddings("minilm").matrix(texts), recorded_vectors(DATA / "vectors.npz")(texts)
    assert (given * held).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert given @ given.T == pytest.approx(held @ held.T, abs=3e-3)


def test_a_text_that_is_not_recorded_is_given_to_the_model_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return spread_out(texts)

    monkeypatch.setattr(vectors, "_computed", noted)
    save_vectors(["a", "b"], tmp_path / "vectors.npz")
    assert asked == ["a", "b"] or asked == ["b", "a"]
    asked.clear()
    embed = recorded_vectors(tmp_path / "vectors.npz")
    assert embed([]).shape[0] == 0
    found = embed(["b", "c", "c"])
    embed(["c"])
    assert asked == ["c"]
    assert (found * spread_out(["b", "c", "c"])).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-6)


def test_recording_again_computes_what_is_new_and_changes_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_computed", spread_out)
    file = tmp_path / "vectors.npz"
    save_vectors(["a", "b", "c"], file)
    before = recorded_vectors(file)(["a", "c"])
    save_vectors(["c", "a", "d"], file)
    assert recorded_vectors(file)(["a", "c"]).tolist() == before.tolist()
    with np.load(file, allow_pickle=False) as stored:
        assert set(stored["keys"].tolist()) == {text_key(text) for text in "acd"}
        assert stored["levels"].dtype == np.int8
