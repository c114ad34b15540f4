"""What is measured for chapter 14, tried small."""

from __future__ import annotations

import pytest

from companion.models.minilm import require_installed
from companion.reasoning.rag import measurements


def test_a_model_is_asked_every_third_seen_question_and_every_answer_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurements, "ASKED", 8)
    told = measurements.asked("offline")
    assert told["asked"] == 8
    assert sum(told[kind] for kind in ("right", "wrong", "refused", "caught", "fooled")) == 8
    assert told["cites nothing"] == told["invents a number"] == 0


def test_random_vectors_are_found_less_often_than_those_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurements, "COUNT", 3000)
    monkeypatch.setattr(measurements, "QUESTIONS", 10)
    told = measurements.indexes(lists=64)
    assert told["IVF, filings"] > told["IVF, random"]
    assert all(told[f"{name}, {kind}, faster"] > 0 for name in ("IVF", "HNSW") for kind in ("filings", "random"))


def test_the_weights_are_here_that_raw_vectors_are_made_of() -> None:
    assert require_installed().name == "model.onnx"
