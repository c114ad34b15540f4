"""Stand-ins that the tests of the room share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.models.words import hashed_words
from companion.reasoning.rag.facts import Embed


def by_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Stand in for a model: texts that share words are near."""
    rows = hashed_words([*texts])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: NDArray[np.float32] = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return units


@pytest.fixture(scope="session")
def words() -> Embed:
    return by_words
