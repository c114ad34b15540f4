"""The recorded vectors are those of the chapter's texts, and what the model gives today."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from companion.models import embeddings
from companion.reasoning.rag.trials.recording import texts
from companion.reasoning.rag.trials.vectors import FILE, data_folder, minilm
from companion.services.hybrid_search.vectors import text_key

DATA = Path(__file__).parents[4] / "data" / "rag"


def test_all_that_the_chapter_embeds_is_recorded_and_nothing_else() -> None:
    with np.load(DATA / FILE, allow_pickle=False) as stored:
        keys = set(stored["keys"].tolist())
    assert {text_key(text) for text in texts()} == keys
    assert f"{len(keys):,} vectors" in (DATA / "README.md").read_text("utf-8")
    assert (DATA / FILE).stat().st_size < 4_000_000


def test_a_sample_of_the_recorded_vectors_is_what_the_model_gives_today() -> None:
    drawn = random.Random(1).sample(sorted(set(texts())), 12)
    given, held = embeddings("minilm").matrix(drawn), minilm()(drawn)
    assert (given * held).sum(axis=1) == pytest.approx(1, abs=1e-3)
    assert given @ given.T == pytest.approx(held @ held.T, abs=3e-3)


def test_the_folder_is_found_from_a_checkout_and_missed_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_folder() == DATA
    monkeypatch.setenv("COMPANION_MEASUREMENTS", str(tmp_path / "measurements"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="data/rag"):
        data_folder()
    (tmp_path / "data" / "rag").mkdir(parents=True)
    assert data_folder() == tmp_path / "data" / "rag"
