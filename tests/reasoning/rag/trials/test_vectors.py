"""Vectors come as rows of length one, recorded or computed."""

from __future__ import annotations

import numpy as np
import pytest

from companion.reasoning.rag.trials.vectors import minilm


def test_a_recorded_vector_has_length_one_and_is_given_each_time() -> None:
    embed = minilm()
    one = embed(["init"])
    assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)
    assert (embed(["init", "init"]) == one).all()
    assert minilm() is embed
